import { describe, expect, it } from 'vitest';
import {
  docCommentGuard,
  doubleCastGuard,
  environmentGuard,
  focusedTestGuard,
  todoGuard,
} from './code-guards.ts';
import { parseSourceFile, readSourceFiles } from './source-file.ts';

const src = readSourceFiles('src');
const test = readSourceFiles('test');
const sample = (text: string, path = 'src/http/sample.ts') => [parseSourceFile(path, text)];

describe('[AR7] the environment', () => {
  it('is read by main.ts alone', () => {
    expect(src.length).toBeGreaterThan(15);
    expect(environmentGuard(src)).toEqual([]);
    expect(environmentGuard(sample('start(process.env);', 'src/main.ts'))).toEqual([]);
  });

  it.each([
    'const port = process.env.PORT;',
    "const port = process['env'].PORT;",
    'const port = process?.env?.PORT;',
    'const port = globalThis.process.env.PORT;',
    'const { env } = process;',
    "import { env } from 'node:process';",
  ])('read as in %s is found', (text) => {
    expect(environmentGuard(sample(text))).toEqual([
      'src/http/sample.ts:1: reads the environment; have it handed over',
    ]);
  });
});

describe('[AR8] exports', () => {
  it('have a doc comment each', () => {
    expect(docCommentGuard(src)).toEqual([]);
  });

  it.each([
    'export const a = 1;',
    'export function f() {}',
    'export interface A {}',
    'export type A = string;',
    'export default 1;',
    '// not a doc comment\nexport const a = 1;',
    '/* not a doc comment */\nexport const a = 1;',
    '/** Of something else. */\nconst b = 1;\nexport const a = 1;',
  ])('without one are found: %s', (text) => {
    expect(docCommentGuard(sample(text))).toEqual([
      expect.stringContaining('an export without a doc comment'),
    ]);
  });

  it('may take it from the value they are derived from', () => {
    expect(docCommentGuard(sample('const a = 1;\nexport type A = typeof a;'))).toEqual([]);
    expect(docCommentGuard(sample("export { a } from './b.ts';"))).toEqual([]);
  });
});

describe('[AR20] the type of a value', () => {
  it('is not denied by a cast', () => {
    expect(doubleCastGuard(src)).toEqual([]);
  });

  it.each(['f(a as unknown as B);', 'f(a as any as B);', 'f((a as unknown) as B);'])(
    'denied as in %s is found',
    (text) => {
      expect(doubleCastGuard(sample(text))).toEqual([
        'src/http/sample.ts:1: a cast by way of unknown; type the value instead',
      ]);
      expect(doubleCastGuard(sample(text, 'src/storage/postgres/connection/statement-batch.ts'))).toEqual([]);
      expect(doubleCastGuard(sample('f(a as B, b as unknown);'))).toEqual([]);
    },
  );
});

describe('[AR9] comments', () => {
  it('leave no work for later', () => {
    expect(todoGuard([...src, ...test])).toEqual([]);
  });

  it.each(['TODO', 'FIXME', 'HACK', 'XXX'])('that say %s are found', (word) => {
    expect(todoGuard(sample(`// ${word}: later\nf();`))).toHaveLength(1);
    expect(todoGuard(sample(`f('${word}');`))).toEqual([]);
  });
});

describe('[AR10] tests', () => {
  it('all run', () => {
    expect(focusedTestGuard(test)).toEqual([]);
  });

  it('left out or run alone are found', () => {
    expect(focusedTestGuard(sample("it.only('x', f);\ndescribe.skip('y', f);"))).toEqual([
      'src/http/sample.ts:1: it.only',
      'src/http/sample.ts:2: describe.skip',
    ]);
    expect(focusedTestGuard(sample("it.skipIf(root)('x', f);"))).toEqual([]);
  });
});
