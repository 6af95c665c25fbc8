import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../guards/source-file.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const main = `"${process.execPath}" "${join(repositoryRoot, 'dist/main.js')}"`;
const backlog = join(repositoryRoot, 'docs/examples/backlog.jsonl');

/** Runs a line of shell in a home of its own. */
async function shell(home: string, line: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home, PORT: '0' };
  return (await promisify(execFile)('bash', ['-o', 'pipefail', '-c', line], { cwd: home, env })).stdout;
}

describe('[BL34] the built program', () => {
  it('imports from a pipe, and exports through one into a folder of the same state', async () => {
    const home = await createTempFolder();
    const imported = await shell(home, `${main} import - --project Tidepool < "${backlog}"`);
    expect(imported).toMatch(/: 40 created, 0 updated, 0 unchanged, 0 reported\.\n$/);
    await shell(home, `${main} export one.jsonl`);
    await shell(home, `${main} export - | DATA_DIR=other ${main} import -`);
    await shell(home, `DATA_DIR=other ${main} export > two.jsonl && cmp one.jsonl two.jsonl`);
    const again = await shell(home, `DATA_DIR=other ${main} import "${backlog}" --project Tidepool`);
    expect(again).toContain(': 0 created, 0 updated, 40 unchanged, 0 reported.');
  });

  it('says so and stops in order when nobody reads its output', async () => {
    const home = await createTempFolder();
    await shell(home, `{ ${main} export 2> said; echo $? > code; } | true; ${main} export > whole.jsonl`);
    expect(await shell(home, 'cat code said whole.jsonl')).toMatch(
      /^1\nStandard output cannot be written: .*EPIPE\n\{"format"/,
    );
  });
});
