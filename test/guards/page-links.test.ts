import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrokenLinks } from './page-links.ts';
import { repositoryRoot } from './source-file.ts';
import { trackedFiles } from './tracked-files.ts';

const cloned = existsSync(join(repositoryRoot, '.git'));

describe('[AR14] links', () => {
  it.skipIf(!cloned)('of every page lead somewhere', () => {
    const pages = trackedFiles().filter((file) => file.path.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(5);
    expect(findBrokenLinks(pages)).toEqual([]);
  });

  it('that lead nowhere are found', () => {
    const page = (text: string) => ({ path: 'docs/a.md', text });
    const other = { path: 'docs/b.md', text: '# One `two`: three\n\n## Same\n\n## Same\n' };
    const broken = (text: string) => findBrokenLinks([page(text), other], (path) => path === 'LICENSE');
    expect(
      broken('# Top\n[b](b.md) [b](b.md#one-two-three) [b](b.md#same-1) [t](#top) [l](../LICENSE)'),
    ).toEqual([]);
    expect(broken('[w](https://example.org/x) `[c](c.md)`\n```\n[c](c.md)\n```\n')).toEqual([]);
    expect(broken('[c](c.md)')).toEqual(['docs/a.md: the link c.md leads nowhere']);
    expect(broken('[b](b.md#four)')).toEqual(['docs/a.md: the link b.md#four leads nowhere']);
    expect(broken('[t](#bottom)')).toEqual(['docs/a.md: the link #bottom leads nowhere']);
  });
});
