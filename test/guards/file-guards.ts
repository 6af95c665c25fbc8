import { posix } from 'node:path';
import type { Guard } from './source-file.ts';

const maxLines = 250;
/** Say nothing alone, and something in `ordered-index`. */
const vagueAlone = ['index', 'type', 'types'];
/** Say nothing anywhere. */
const vagueWords = ['util', 'utils', 'common', 'helper', 'helpers', 'misc', 'shared'];

/** No two files have one name: a name in a message or a stack is enough to find the file. */
export const uniqueNameGuard: Guard = (files) => {
  const byName = new Map<string, string[]>();
  for (const { path } of files) {
    const name = posix.basename(path);
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  return [...byName].flatMap(([name, paths]) =>
    paths.length === 1 ? [] : [`${name} is the name of ${paths.join(' and ')}`],
  );
};

/** No file is longer than can be read in one go. */
export const lengthGuard: Guard = (files) =>
  files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines <= maxLines
      ? []
      : [`${path}: ${lines} lines, at most ${maxLines}; give a part of it a name`];
  });

/** Files and folders are named after what they hold, words joined with hyphens. */
export const namingGuard: Guard = (files) =>
  files.flatMap(({ path }) =>
    path.split('/').flatMap((part) => {
      const name = part.replace(/\.ts$/, '');
      const words = name.split(/[.-]/);
      const saysNothing =
        vagueAlone.includes(name.split('.')[0] ?? '') || words.some((word) => vagueWords.includes(word));
      if (saysNothing) return [`${path}: "${name}" does not say what it holds`];
      return words.every((word) => /^[a-z0-9]+$/.test(word)) ? [] : [`${path}: "${name}" is not kebab-case`];
    }),
  );
