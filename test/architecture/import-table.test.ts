import { describe, expect, it } from 'vitest';
import { importTable, importTableGuard } from './import-table.ts';
import { sourceFile, sourceFiles } from './source-file.ts';

describe('[AR1] the import table', () => {
  const files = sourceFiles('src');

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
      expect(importTableGuard([sourceFile('src/http/sample.ts', form)]), form).toEqual([
        'src/http/sample.ts:1: http may not import src/storage/json/json-store.ts',
      ]);
    }
  });

  it('does not take comments and strings for imports', () => {
    const text = "// import '../storage/a.ts'\nexport const a = \"import '../storage/a.ts'\";\n";
    expect(importTableGuard([sourceFile('src/http/sample.ts', text)])).toEqual([]);
  });

  it('refuses an import that is computed, and a file in no place', () => {
    expect(
      importTableGuard([
        sourceFile('src/http/sample.ts', 'const a = await import(name);'),
        sourceFile('src/helpers/sample.ts', 'export {};'),
        sourceFile('src/domain/sample.ts', "import '../support/size.ts';"),
      ]),
    ).toEqual([
      'src/http/sample.ts:1: http imports what is computed; spell the module out',
      'src/helpers/sample.ts: no place of the import table holds it',
      'src/domain/sample.ts:1: domain may not import test/support/size.ts',
    ]);
  });

  it.each([
    ['storage/json', 'http'],
    ['storage/json', 'storage/memory'],
    ['http', 'realtime'],
    ['realtime', 'system'],
    ['system', 'storage/json'],
    ['application', 'system'],
    ['domain', 'application'],
  ])('keeps %s from seeing %s', (from, to) => {
    const file = sourceFile(
      `src/${from}/sample.ts`,
      `import '${'../'.repeat(from.split('/').length)}${to}/a.ts';`,
    );
    expect(importTableGuard([file])).toEqual([
      `src/${from}/sample.ts:1: ${from} may not import src/${to}/a.ts`,
    ]);
  });

  it('lets the client have types and nothing else', () => {
    const file = (text: string) => [sourceFile('src/client/sample.ts', text)];
    expect(importTableGuard(file("import type { EventName } from '../domain/events.ts';"))).toEqual([]);
    expect(importTableGuard(file("import { events } from '../domain/events.ts';"))).toEqual([
      'src/client/sample.ts:1: client may import only types of src/domain/events.ts',
    ]);
    expect(importTableGuard(file("import type { Task } from '../domain/task.ts';"))).toHaveLength(1);
  });
});

describe('[AR2] packages', () => {
  it('are used only where the table names them', () => {
    const use = (path: string, name: string) => importTableGuard([sourceFile(path, `import '${name}';`)]);
    expect(use('src/http/sample.ts', 'express')).toEqual([]);
    expect(use('src/http/sample.ts', 'zod/v4')).toEqual([]);
    for (const path of Object.keys(importTable).filter((place) => place !== 'http')) {
      const sample = path.endsWith('.ts') ? `src/${path}` : `src/${path}/sample.ts`;
      expect(use(sample, 'express')).toEqual([`${sample}:1: ${path} may not use the package express`]);
      expect(use(sample, '@scope/package/deep')).toHaveLength(1);
    }
  });
});

describe('[AR3] domain and application', () => {
  it('know no platform', () => {
    for (const layer of ['domain', 'application', 'client']) {
      const file = sourceFile(`src/${layer}/sample.ts`, "import type { Socket } from 'node:net';");
      expect(importTableGuard([file])).toEqual([
        `src/${layer}/sample.ts:1: ${layer} may not import node:net: it knows no platform`,
      ]);
    }
  });
});
