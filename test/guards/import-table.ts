import { type Import, importsOf, packageOf, targetOf } from './imports.ts';
import { type Guard, lineAt, type SourceFile } from './source-file.ts';

/** What the files of one layer may import beside each other. */
interface Layer {
  /** The files and folders of src it may import from. */
  readonly sees: readonly string[];
  readonly packages: readonly string[];
  /** Whether it may use Node's own modules. */
  readonly node: boolean;
  /** What it sees it sees as types only. */
  readonly typesOnly?: boolean;
  /**
   * Its rooms, floor by floor from the top: a room imports only from floors below its own. `.` stands for the files
   * that lie in the folder of the layer itself. A layer without floors is one room.
   */
  readonly floors?: readonly (readonly string[])[];
}

const coreFolders = ['application', 'domain'];
const adapterFolders = [
  ...coreFolders,
  'storage/transaction-scope.ts',
  'storage/retention.ts',
  'storage/frozen-json.ts',
];

/** Who may import whom: each layer of src, and the floors on which its rooms stand. */
export const importTable: Readonly<Record<string, Layer>> = {
  'main.ts': { sees: ['app.ts', 'config', 'cli', ...coreFolders], packages: [], node: true },
  'app.ts': {
    sees: [
      'agent-dependencies.ts',
      'open-store.ts',
      'transport-settings.ts',
      'config',
      'api',
      'http',
      'realtime',
      'system',
      ...coreFolders,
    ],
    packages: ['pino'],
    node: true,
  },
  'open-store.ts': { sees: ['config', 'storage', ...coreFolders], packages: ['pino'], node: false },
  'transport-settings.ts': { sees: ['config', 'http', 'realtime', 'system'], packages: [], node: false },
  'agent-dependencies.ts': { sees: ['config', 'system', ...coreFolders], packages: ['pino'], node: false },
  config: { sees: ['domain'], packages: ['zod'], node: true },
  cli: {
    sees: ['app.ts', 'open-store.ts', 'client', 'config', 'proxy', 'storage', 'system', ...coreFolders],
    packages: ['ws', 'zod'],
    node: true,
    floors: [['.'], ['agent', 'data'], ['server'], ['command']],
  },
  proxy: { sees: ['http/boundary', ...coreFolders], packages: [], node: true },
  http: {
    sees: ['api', ...coreFolders],
    packages: ['express', 'cors', 'helmet', 'express-rate-limit', 'proxy-addr', 'zod'],
    node: true,
    floors: [['.'], ['response', 'reference'], ['request'], ['boundary']],
  },
  realtime: {
    sees: ['api', ...coreFolders],
    packages: ['ws', 'zod'],
    node: true,
    floors: [['.'], ['delivery'], ['socket'], ['protocol']],
  },
  client: { sees: ['api', 'domain', 'realtime/protocol'], packages: [], node: false, typesOnly: true },
  api: { sees: coreFolders, packages: ['zod'], node: false, floors: [['endpoints'], ['.']] },
  'storage/retention.ts': { sees: coreFolders, packages: [], node: false },
  'storage/frozen-json.ts': { sees: coreFolders, packages: [], node: false },
  'storage/transaction-scope.ts': { sees: coreFolders, packages: [], node: true },
  'storage/json': {
    sees: adapterFolders,
    packages: ['write-file-atomic', 'proper-lockfile', 'zod'],
    node: true,
    floors: [
      ['offline'],
      ['adoption'],
      ['restore'],
      ['.'],
      ['recovery', 'view'],
      ['checkpoint'],
      ['state'],
      ['logs', 'journal'],
      ['folder'],
      ['disk', 'records'],
    ],
  },
  'storage/postgres': {
    sees: adapterFolders,
    packages: ['pg', 'zod'],
    node: true,
    floors: [['.'], ['follow'], ['transaction'], ['schema'], ['connection']],
  },
  system: {
    sees: coreFolders,
    packages: ['jsonwebtoken', 'p-limit', 'pino', 'write-file-atomic', 'yaml', 'zod'],
    node: true,
    floors: [
      ['agents', 'credentials'],
      ['machine', 'process'],
    ],
  },
  application: {
    sees: ['domain'],
    packages: ['zod'],
    node: false,
    floors: [['.'], ['agents', 'transfer'], ['integrity'], ['work'], ['events'], ['access'], ['store']],
  },
  domain: {
    sees: [],
    packages: ['zod'],
    node: false,
    floors: [
      ['events.ts', 'position.ts'],
      ['transfer', 'agents'],
      ['work'],
      ['access'],
      ['channel.ts', 'errors.ts', 'start-error.ts'],
      ['values'],
    ],
  },
};

const isInside = (path: string, place: string): boolean =>
  path === `src/${place}` || path.startsWith(`src/${place}/`);

/** Every import of src goes where the table allows, and can be read without running the program. */
export const importTableGuard: Guard = (files) => files.flatMap(violationsOf);

/** No file imports itself by way of others, types included. Names each circle once. */
export const circleGuard: Guard = (files) => {
  const targets = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap(({ specifier }) => (specifier && targetOf(file, specifier)) ?? []),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) found.push(`${[...way.slice(at), path].join(' imports ')}: a circle`);
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
};

/** The room of a layer that holds a path, and its floor, from 0 at the top; undefined when no floor has it. */
function roomOf(
  name: string,
  { floors = [] }: Layer,
  path: string,
): { room: string; floor: number } | undefined {
  const inside = path.slice(`src/${name}/`.length);
  const room = floors.flat().find((one) => inside === one || inside.startsWith(`${one}/`)) ?? '.';
  if (room === '.' && inside.includes('/')) return undefined;
  const floor = floors.findIndex((one) => one.includes(room));
  return floor < 0 ? undefined : { room, floor };
}

function violationsOf(file: SourceFile): string[] {
  const name = Object.keys(importTable).find((place) => isInside(file.path, place));
  const layer = name === undefined ? undefined : importTable[name];
  if (name === undefined || layer === undefined) {
    return [`${file.path}: no place of the import table holds it`];
  }
  if (layer.floors !== undefined && roomOf(name, layer, file.path) === undefined) {
    return [`${file.path}: no room of ${name} in the import table holds it`];
  }
  return importsOf(file).flatMap((one) => {
    const fault = violationOf(file, name, layer, one);
    return fault === undefined ? [] : [`${file.path}:${lineAt(file, one.offset)}: ${name} ${fault}`];
  });
}

function violationOf(file: SourceFile, name: string, layer: Layer, one: Import): string | undefined {
  const { specifier, isTypeOnly } = one;
  if (specifier === undefined) return 'imports what is computed; spell the module out';
  const target = targetOf(file, specifier);
  if (target !== undefined) {
    if (isInside(target, name)) return floorFaultOf(file, name, layer, target);
    if (!layer.sees.some((seen) => isInside(target, seen))) return `may not import ${target}`;
    return layer.typesOnly && !isTypeOnly ? `may import only types of ${target}` : undefined;
  }
  if (specifier.startsWith('node:')) {
    return layer.node ? undefined : `may not import ${specifier}: it knows no platform`;
  }
  return layer.packages.includes(packageOf(specifier)) ? undefined : `may not use the package ${specifier}`;
}

function floorFaultOf(file: SourceFile, name: string, layer: Layer, target: string): string | undefined {
  const from = roomOf(name, layer, file.path);
  const to = roomOf(name, layer, target);
  if (from === undefined || to === undefined || from.room === to.room || from.floor < to.floor)
    return undefined;
  const room = (one: string) => (one === '.' ? 'its own files' : one);
  return `may not import ${target} in ${room(from.room)}: ${room(to.room)} is not on a floor below`;
}
