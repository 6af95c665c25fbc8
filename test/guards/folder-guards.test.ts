import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCrowdedFolders, findUndescribedFolders, listFiles } from './folder-guards.ts';
import { repositoryRoot } from './source-file.ts';

const files = listFiles('src', 'test');
const page = readFileSync(join(repositoryRoot, 'docs/architecture.md'), 'utf8');

describe('[AR17] folders', () => {
  it('hold few enough files to be taken in', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(findCrowdedFolders(files)).toEqual([]);
  });

  it('that hold too many files are found', () => {
    const filesIn = (folder: string, count: number) =>
      Array.from({ length: count }, (_, at) => `${folder}/part-${at}.ts`);
    expect(findCrowdedFolders([...filesIn('src/http', 20), ...filesIn('src/http/request', 20)])).toEqual([]);
    expect(findCrowdedFolders([...filesIn('src/http', 21), ...filesIn('test/http', 3)])).toEqual([
      'src/http: 21 files, at most 20; give some of them a folder',
    ]);
  });
});

describe('[AR18] the architecture page', () => {
  it('describes every folder of src and test, and no other', () => {
    expect(findUndescribedFolders(files, page)).toEqual([]);
  });

  it.each([
    ['', 'src/http: no row of the page says what it holds'],
    ['| `src/http` | |', 'src/http: no row of the page says what it holds'],
    ['| `src/http` | not a sentence |', 'src/http: its row is not a sentence'],
    ['| `src/http` | One. |\n| `src/http` | Two. |', 'src/http: the page describes it twice'],
    [
      '| `src/http` | One. |\n| `src/attic` | Two. |',
      'src/attic: the page describes it, and it does not exist',
    ],
  ])('with the rows %j has a fault that is found', (rows, fault) => {
    const described = `| \`src\` | All. |\n| \`test\` | Tests. |\n${rows}\n`;
    expect(findUndescribedFolders(['src/http/router.ts', 'test/http/router.test.ts'], described)).toEqual([
      fault,
    ]);
  });

  it('need not describe a folder of test that has the name of one of src', () => {
    const rows = '| `src` | All. |\n| `src/http` | One. |\n| `test` | Tests. |\n';
    expect(findUndescribedFolders(['src/http/a.ts', 'test/http/a.test.ts'], rows)).toEqual([]);
    expect(findUndescribedFolders(['src/http/a.ts', 'test/support/b.ts'], rows)).toEqual([
      'test/support: no row of the page says what it holds',
    ]);
  });
});
