import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { repositoryRoot } from '../source-file.ts';
import { pages } from './pages.ts';

it.each(Object.entries(pages))('[AR13] %s is written anew', (path, render) => {
  writeFileSync(join(repositoryRoot, path), render());
});
