import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../source-file.ts';
import { findStalePages, pages } from './pages.ts';

function read(path: string): string | undefined {
  return existsSync(join(repositoryRoot, path))
    ? readFileSync(join(repositoryRoot, path), 'utf8')
    : undefined;
}

describe('[AR13] the reference pages', () => {
  it('say what the catalogues say', () => {
    expect(Object.keys(pages).length).toBeGreaterThan(1);
    expect(findStalePages(pages, read)).toEqual([]);
  });

  it('that are stale or missing are found', () => {
    const said: Readonly<Record<string, string>> = { 'docs/a.md': 'a', 'docs/b.md': 'before' };
    const all = { 'docs/a.md': () => 'a', 'docs/b.md': () => 'now', 'docs/c.md': () => 'c' };
    expect(findStalePages(all, (path) => said[path])).toEqual([
      'docs/b.md is stale: run "npm run docs"',
      'docs/c.md is stale: run "npm run docs"',
    ]);
  });
});
