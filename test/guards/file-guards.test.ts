import { describe, expect, it } from 'vitest';
import { lengthGuard, namingGuard, uniqueNameGuard } from './file-guards.ts';
import { parseSourceFile, readSourceFiles } from './source-file.ts';

const src = readSourceFiles('src');
const test = readSourceFiles('test');
const sample = (path: string, text = 'export {};') => parseSourceFile(path, text);

describe('[AR4] names', () => {
  it('are given once', () => {
    expect(src.length).toBeGreaterThan(15);
    expect(test.length).toBeGreaterThan(5);
    expect(uniqueNameGuard([...src, ...test])).toEqual([]);
  });

  it('given twice are found', () => {
    expect(uniqueNameGuard([sample('src/domain/task.ts'), sample('src/http/task.ts')])).toEqual([
      'task.ts is the name of src/domain/task.ts and src/http/task.ts',
    ]);
  });
});

describe('[AR5] files', () => {
  it('are short', () => {
    expect(lengthGuard([...src, ...test])).toEqual([]);
  });

  it('that are long are found', () => {
    const lines = (count: number) => sample('src/domain/long.ts', 'f();\n'.repeat(count));
    expect(lengthGuard([lines(250)])).toEqual([]);
    expect(lengthGuard([lines(251)])).toEqual([
      'src/domain/long.ts: 251 lines, at most 250; give a part of it a name',
    ]);
  });
});

describe('[AR6] file names', () => {
  it('say what the files hold', () => {
    expect(namingGuard([...src, ...test])).toEqual([]);
  });

  it.each([
    'src/http/index.ts',
    'src/domain/types.ts',
    'src/application/queue-utils.ts',
    'src/common/id.ts',
    'test/support/helpers.ts',
    'test/queue-helper.test.ts',
  ])('of %s do not', (path) => {
    expect(namingGuard([sample(path)])).toEqual([expect.stringContaining('does not say what it holds')]);
  });

  it('may say what kind of index or types the files hold', () => {
    expect(
      namingGuard([sample('src/storage/json/ordered-index.ts'), sample('test/endpoint.types.test.ts')]),
    ).toEqual([]);
  });

  it('are in kebab-case', () => {
    expect(namingGuard([sample('src/http/RequestLog.ts'), sample('src/http/request_log.ts')])).toHaveLength(
      2,
    );
  });
});
