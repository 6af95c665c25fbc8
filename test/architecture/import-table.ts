import { type Import, importsOf, packageOf, targetOf } from './imports.ts';
import { type Guard, lineAt, type SourceFile } from './source-file.ts';

interface Place {
  /** The folders or files of src it may import from, beside itself. */
  readonly sees: readonly string[];
  readonly packages: readonly string[];
  /** Whether it may use Node's own modules. */
  readonly node: boolean;
  /** What it sees it sees as types only. */
  readonly typesOnly?: boolean;
}

const inward = ['application', 'domain'];
const adapter = [...inward, 'storage/permit.ts'];

/** Who may import whom: each place of src, the most telling path first. */
export const importTable: Readonly<Record<string, Place>> = {
  'main.ts': { sees: ['app.ts', 'config', 'cli', ...inward], packages: [], node: true },
  'app.ts': {
    sees: ['agent-needs.ts', 'config', 'http', 'realtime', 'storage', 'system', ...inward],
    packages: ['pino'],
    node: true,
  },
  'agent-needs.ts': { sees: ['config', 'system', ...inward], packages: ['pino'], node: false },
  config: { sees: ['domain'], packages: ['zod'], node: true },
  cli: { sees: ['app.ts', 'config', 'relay', 'storage', 'system', ...inward], packages: ['zod'], node: true },
  domain: { sees: [], packages: ['zod'], node: false },
  application: { sees: ['domain'], packages: ['zod'], node: false },
  'storage/permit.ts': { sees: inward, packages: [], node: false },
  'storage/memory': { sees: adapter, packages: [], node: true },
  'storage/json': { sees: adapter, packages: ['write-file-atomic', 'proper-lockfile', 'zod'], node: true },
  'storage/postgres': { sees: adapter, packages: ['pg', 'zod'], node: true },
  http: {
    sees: inward,
    packages: ['express', 'cors', 'helmet', 'express-rate-limit', 'zod'],
    node: true,
  },
  relay: { sees: ['http', ...inward], packages: [], node: true },
  realtime: { sees: inward, packages: ['ws', 'zod'], node: true },
  client: {
    sees: ['domain/events.ts', 'realtime/frames.ts'],
    packages: [],
    node: false,
    typesOnly: true,
  },
  system: { sees: inward, packages: ['jsonwebtoken', 'pino', 'yaml', 'zod'], node: true },
};

const lies = (path: string, place: string): boolean =>
  path === `src/${place}` || path.startsWith(`src/${place}/`);

/** Every import of src goes where the table allows, and can be read without running the program. */
export const importTableGuard: Guard = (files) => files.flatMap(faultsOf);

function faultsOf(file: SourceFile): string[] {
  const name = Object.keys(importTable).find((place) => lies(file.path, place));
  const place = name === undefined ? undefined : importTable[name];
  if (name === undefined || place === undefined)
    return [`${file.path}: no place of the import table holds it`];
  return importsOf(file).flatMap((one) => {
    const fault = faultOf(file, name, place, one);
    return fault === undefined ? [] : [`${file.path}:${lineAt(file, one.offset)}: ${name} ${fault}`];
  });
}

function faultOf(file: SourceFile, name: string, place: Place, one: Import): string | undefined {
  const { specifier, typeOnly } = one;
  if (specifier === undefined) return 'imports what is computed; spell the module out';
  const target = targetOf(file, specifier);
  if (target !== undefined) {
    if (lies(target, name)) return undefined;
    if (!place.sees.some((seen) => lies(target, seen))) return `may not import ${target}`;
    return place.typesOnly && !typeOnly ? `may import only types of ${target}` : undefined;
  }
  if (specifier.startsWith('node:')) {
    return place.node ? undefined : `may not import ${specifier}: it knows no platform`;
  }
  return place.packages.includes(packageOf(specifier)) ? undefined : `may not use the package ${specifier}`;
}
