import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './source-file.ts';

/** A file as the repository holds it. */
export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

const allowedTopLevel = new Set([
  'src',
  'test',
  'docs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
  'README.md',
  'LICENSE',
]);

/** What must not be in a repository that others clone, and why. */
const forbiddenPatterns: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.)/-])\/(work|root|Users)\/[\w.]/, 'a path of one machine'],
  [/\b(registry|npm|proxy)\.[a-z0-9-]+\.[a-z]{2,}|"resolved"\s*:|_auth[T]oken/, 'a registry of one machine'],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{43}/, 'a token'],
];

/** Every file that git tracks and that is there. */
export function trackedFiles(): readonly TrackedFile[] {
  return execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(repositoryRoot, path)))
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

/** Names of machines, registries and tokens in the files, one sentence each. */
export function findForbiddenContent(files: readonly TrackedFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) =>
        forbiddenPatterns
          .filter(([pattern]) => pattern.test(line))
          .map(([, what]) => `${path}:${at + 1}: names ${what}`),
      ),
  );
}

/** What lies at the top of the repository and does not belong there. */
export function findUnexpectedTopLevel(files: readonly TrackedFile[]): string[] {
  const names = new Set(files.map(({ path }) => path.split('/')[0] ?? ''));
  return [...names].filter((name) => !allowedTopLevel.has(name) && !name.startsWith('.'));
}
