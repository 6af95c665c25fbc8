import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repositoryRoot } from './source-file.ts';
import type { TrackedFile } from './tracked-files.ts';

/** Links of Markdown pages that lead to no file, or to no heading of the page they name; one sentence each. */
export function findBrokenLinks(pages: readonly TrackedFile[], exists = existsAtTop): string[] {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page.text)]));
  return pages.flatMap((page) =>
    linksOf(page.text)
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? page.path : posix.join(posix.dirname(page.path), file);
        if (!anchors.has(target)) return !exists(target);
        return anchor !== undefined && !anchors.get(target)?.has(anchor);
      })
      .map((link) => `${page.path}: the link ${link} leads nowhere`),
  );
}

function existsAtTop(path: string): boolean {
  return existsSync(join(repositoryRoot, path));
}

/** Links within the repository, outside of code. */
function linksOf(text: string): string[] {
  return [...stripCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that the headings of a page get where it is shown. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)) {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const anchor = words.trim().replace(/\s/g, '-');
    let name = anchor;
    for (let again = 1; anchors.has(name); again++) name = `${anchor}-${again}`;
    anchors.add(name);
  }
  return anchors;
}

function stripCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}
