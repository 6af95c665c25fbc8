import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './source-file.ts';
import { findForbiddenContent, findUnexpectedTopLevel, trackedFiles } from './tracked-files.ts';

const cloned = existsSync(join(repositoryRoot, '.git'));
const sample = (text: string) => [{ path: 'docs/sample.md', text }];

describe.skipIf(!cloned)('[AR12] what git tracks', () => {
  const files = cloned ? trackedFiles() : [];

  it('names no machine, no registry and no token', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(findForbiddenContent(files)).toEqual([]);
  });

  it('has nothing at the top but what belongs there', () => {
    expect(findUnexpectedTopLevel(files)).toEqual([]);
  });
});

describe('[AR12] a file', () => {
  const slash = '/';
  const dot = '.';

  it.each([
    `see ${slash}work/main/src`,
    `"${slash}root/.npmrc"`,
    `(${slash}Users/ada/project)`,
    `https:${slash}/registry${dot}example.org/express`,
    `"resolved${'"'}: "x"`,
    `Bearer eyJ${'a'.repeat(12)}.eyJ${'b'.repeat(12)}.${'c'.repeat(43)}`,
  ])('that says %s is found', (text) => {
    expect(findForbiddenContent(sample(`first\n${text}\n`))).toEqual([
      expect.stringMatching(/^docs\/sample.md:2: names a/),
    ]);
  });

  it('may name paths of the API', () => {
    expect(
      findForbiddenContent(sample('GET /api/work/1, queue/work/x and https://example.org/home/ada/x')),
    ).toEqual([]);
  });

  it('that stands at the top unasked is found', () => {
    const files = ['src/a.ts', 'notes.md', '.gitignore', 'scripts/run.sh'].map((path) => ({
      path,
      text: '',
    }));
    expect(findUnexpectedTopLevel(files)).toEqual(['notes.md', 'scripts']);
  });
});
