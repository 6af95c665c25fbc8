import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTable } from '../import-table.ts';
import { repositoryRoot } from '../source-file.ts';
import { row, table } from './markdown-table.ts';

const begin = '<!-- Rendered from test/guards/import-table.ts by "npm run docs": -->\n';
const end = '<!-- End of what is rendered. -->\n';

/** docs/architecture.md as it is, with its table of floors made from the import table. Throws when the place for it is gone. */
export function architecturePage(): string {
  const page = readFileSync(join(repositoryRoot, 'docs/architecture.md'), 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/architecture.md has no place for the table of floors.`);
  return `${page.slice(0, from + begin.length)}\n${floorTable()}\n\n${page.slice(to)}`;
}

/** The layers from the top floor to the bottom, with the floors of their rooms. */
function floorTable(): string {
  const layers = Object.entries(importTable).map(([name, layer]) => ({ name, layer, floor: floorOf(name) }));
  const rows = layers
    .sort((a, b) => b.floor - a.floor)
    .map(({ name, layer, floor }) =>
      row(
        `${floor}`,
        code(name),
        (layer.floors ?? []).map((rooms) => rooms.map(nameOfRoom).join(', ')).join(' → ') || '–',
        layer.sees.map(code).join(', ') || '–',
      ),
    );
  return table(['floor', 'layer', 'its rooms, from the top', 'imports from'], rows);
}

/** How many layers stand below this one, one on the other. */
function floorOf(name: string): number {
  const below = Object.keys(importTable).filter((other) =>
    importTable[name]?.sees.some(
      (seen) => seen === other || other.startsWith(`${seen}/`) || seen.startsWith(`${other}/`),
    ),
  );
  return Math.max(0, ...below.map((other) => floorOf(other) + 1));
}

function nameOfRoom(room: string): string {
  return room === '.' ? 'its own files' : code(room);
}

function code(text: string): string {
  return `\`${text}\``;
}
