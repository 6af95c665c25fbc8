import { describe, expect, it } from 'vitest';
import { circleGuard, importTable, importTableGuard } from './import-table.ts';
import { parseSourceFile, readSourceFiles } from './source-file.ts';

/** A file that a room would hold, or one in the top room of a layer. */
function fileIn(layer: string, room = importTable[layer]?.floors?.[0]?.[0] ?? '.'): string {
  if (layer.endsWith('.ts')) return layer;
  if (room.endsWith('.ts')) return `${layer}/${room}`;
  return room === '.' ? `${layer}/sample.ts` : `${layer}/${room}/sample.ts`;
}

describe('[AR1] the import table', () => {
  const files = readSourceFiles('src');

  it('holds for every file of src', () => {
    expect(files.length).toBeGreaterThan(15);
    expect(importTableGuard(files)).toEqual([]);
  });

  it('refuses what it does not name, in every form an import takes', () => {
    const forms = [
      "import { a } from '../storage/json/json-store.ts';",
      "import type { A } from '../storage/json/json-store.ts';",
      "import '../storage/json/json-store.ts';",
      "export { a } from '../storage/json/json-store.ts';",
      "export * from '../storage/json/json-store.ts';",
      "const a = await import('../storage/json/json-store.ts');",
      "type A = import('../storage/json/json-store.ts').A;",
      "const a = require('../storage/json/json-store.ts');",
      "import a = require('../storage/json/json-store.ts');",
      'import {\n  // a comment with from and quotes: "\n  a,\n} from "../storage/json/json-store.ts";',
    ];
    for (const form of forms) {
      expect(importTableGuard([parseSourceFile('src/http/sample.ts', form)]), form).toEqual([
        'src/http/sample.ts:1: http may not import src/storage/json/json-store.ts',
      ]);
    }
  });

  it('does not take comments and strings for imports', () => {
    const text = "// import '../storage/a.ts'\nexport const a = \"import '../storage/a.ts'\";\n";
    expect(importTableGuard([parseSourceFile('src/http/sample.ts', text)])).toEqual([]);
  });

  it('refuses an import that is computed, and a file in no place', () => {
    expect(
      importTableGuard([
        parseSourceFile('src/http/sample.ts', 'const a = await import(name);'),
        parseSourceFile('src/helpers/sample.ts', 'export {};'),
        parseSourceFile('src/config/sample.ts', "import '../../test/support/time/loop-count.ts';"),
      ]),
    ).toEqual([
      'src/http/sample.ts:1: http imports what is computed; spell the module out',
      'src/helpers/sample.ts: no place of the import table holds it',
      'src/config/sample.ts:1: config may not import test/support/time/loop-count.ts',
    ]);
  });

  it.each([
    ['storage/json', 'http'],
    ['storage/json', 'storage/postgres'],
    ['http', 'realtime'],
    ['realtime', 'system'],
    ['system', 'storage/json'],
    ['application', 'system'],
    ['domain', 'application'],
  ])('keeps %s from seeing %s', (from, to) => {
    const path = fileIn(from);
    const up = '../'.repeat(path.split('/').length - 1);
    expect(importTableGuard([parseSourceFile(`src/${path}`, `import './${up}${to}/a.ts';`)])).toEqual([
      `src/${path}:1: ${from} may not import src/${to}/a.ts`,
    ]);
  });

  const rooms = Object.entries(importTable).flatMap(([layer, { floors = [] }]) =>
    floors.flatMap((floor, height) => floor.map((room) => ({ layer, room, floors, height }))),
  );
  it.each(rooms)('lets $room of $layer import only from floors below', ({ layer, room, floors, height }) => {
    const from = fileIn(layer, room);
    const up = '../'.repeat(from.split('/').length - 1);
    floors.forEach((floor, other) => {
      for (const target of floor.filter((one) => one !== room)) {
        const to = fileIn(layer, target);
        const faults = importTableGuard([
          parseSourceFile(`src/${from}`, `import type { A } from './${up}${to}';`),
        ]);
        if (other > height) expect(faults).toEqual([]);
        else
          expect(faults).toEqual([
            expect.stringContaining(`src/${from}:1: ${layer} may not import src/${to}`),
          ]);
      }
    });
  });

  it('refuses a room that no floor has', () => {
    expect(importTableGuard([parseSourceFile('src/application/attic/a.ts', 'export {};')])).toEqual([
      'src/application/attic/a.ts: no room of application in the import table holds it',
    ]);
  });

  it('lets the client have types and nothing else', () => {
    const file = (text: string) => [parseSourceFile('src/client/sample.ts', text)];
    expect(importTableGuard(file("import type { EventName } from '../domain/events.ts';"))).toEqual([]);
    expect(importTableGuard(file("import { events } from '../domain/events.ts';"))).toEqual([
      'src/client/sample.ts:1: client may import only types of src/domain/events.ts',
    ]);
    expect(importTableGuard(file("import type { A } from '../http/router.ts';"))).toHaveLength(1);
  });
});

describe('[AR1] circles', () => {
  it('are in no file of src, types included', () => {
    expect(circleGuard(readSourceFiles('src'))).toEqual([]);
  });

  it('are named when they are there', () => {
    const files = [
      parseSourceFile('src/domain/a.ts', "import type { B } from './b.ts';"),
      parseSourceFile('src/domain/b.ts', "export type { C } from './values/c.ts';"),
      parseSourceFile('src/domain/values/c.ts', "type A = import('../a.ts').A;"),
    ];
    expect(circleGuard(files)).toEqual([
      'src/domain/a.ts imports src/domain/b.ts imports src/domain/values/c.ts imports src/domain/a.ts: a circle',
    ]);
  });
});

describe('[AR2] packages', () => {
  it('are used only where the table names them', () => {
    const use = (path: string, name: string) =>
      importTableGuard([parseSourceFile(path, `import '${name}';`)]);
    expect(use('src/http/sample.ts', 'express')).toEqual([]);
    expect(use('src/http/sample.ts', 'zod/v4')).toEqual([]);
    for (const path of Object.keys(importTable).filter((place) => place !== 'http')) {
      const sample = `src/${fileIn(path)}`;
      expect(use(sample, 'express')).toEqual([`${sample}:1: ${path} may not use the package express`]);
      expect(use(sample, '@scope/package/deep')).toHaveLength(1);
    }
  });
});

describe('[AR3] domain, application and client', () => {
  it('know no platform', () => {
    for (const layer of ['domain', 'application', 'client']) {
      const path = `src/${fileIn(layer)}`;
      expect(importTableGuard([parseSourceFile(path, "import type { Socket } from 'node:net';")])).toEqual([
        `${path}:1: ${layer} may not import node:net: it knows no platform`,
      ]);
    }
  });
});
