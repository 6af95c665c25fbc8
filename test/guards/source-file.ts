import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Comment, type Program, parseSync } from 'oxc-parser';

/** One TypeScript file: where it lies from the top of the repository, what it says, and its syntax tree. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
}

/** What a guard has against the files it was given: one sentence each, none when all is well. */
export type Guard = (files: readonly SourceFile[]) => string[];

/** The top of the repository. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Parses a file, or a sample that stands for one. Throws when it is not TypeScript. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  return { path, text, program, comments };
}

/** Every TypeScript file under a folder of the repository, in the order of their paths. */
export function readSourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) =>
      parseSourceFile(relative(repositoryRoot, path).split(sep).join('/'), readFileSync(path, 'utf8')),
    );
}

/** The line on which an offset lies, from 1. */
export function lineAt(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}
