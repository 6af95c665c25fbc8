import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { settingNames } from '../../../src/config/settings.ts';
import { convertIssue, issueSchema } from '../../../src/domain/transfer/issue.ts';
import { taskPrioritySchema } from '../../../src/domain/work/task.ts';
import {
  copyProgram,
  normalizeOutputs,
  parseConsoleSteps,
  runConsoleSteps,
} from '../../support/programs/console-steps.ts';
import { bearerHeader, createProgramHome, startServer } from '../../support/programs/program.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';
import { repositoryRoot } from '../source-file.ts';

const page = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
const codeBlocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);

describe('the README', () => {
  it('[RD1] shows a tour of under 15 commands, and what they answer', { timeout: 180_000 }, async () => {
    const steps = parseConsoleSteps(page);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.length).toBeLessThan(15);
    const [folder, home] = [await createTempFolder(), await createTempFolder()];
    await copyProgram(folder);
    const outputs = normalizeOutputs(
      await runConsoleSteps(
        steps.map((step) => step.command),
        { folder, home },
      ),
    );
    const shown = normalizeOutputs(steps.map((step) => step.output));
    expect(steps.map(({ command }, i) => [command, outputs[i]])).toEqual(
      steps.map(({ command }, i) => [command, shown[i]]),
    );
  });

  it('[RD4] shows a client in some ten lines that follows what happens', async () => {
    const [lines = ''] = codeBlocks;
    expect(lines.trim().split('\n').length).toBeLessThan(15);
    const [{ home, data }, folder] = [await createProgramHome(), await createTempFolder()];
    const { url } = await startServer({ home });
    const token = (await readFile(join(data, 'auth/admin-token'), 'utf8')).trim();
    await mkdir(join(folder, 'node_modules'));
    await symlink(repositoryRoot, join(folder, 'node_modules/maestro-server'));
    await symlink(join(repositoryRoot, 'node_modules/ws'), join(folder, 'node_modules/ws'));
    await writeFile(join(folder, 'watch.mjs'), lines);
    const env = { PATH: process.env.PATH, MAESTRO_URL: url, MAESTRO_TOKEN: token };
    const watch = spawn(process.execPath, ['watch.mjs'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void watch.kill());
    const said = createInterface(watch.stdout)[Symbol.asyncIterator]();
    expect((await said.next()).value).toBe('following workspace');
    const body = JSON.stringify({ name: 'Tidepool' });
    const headers = { ...bearerHeader(token), 'content-type': 'application/json' };
    const made = await fetch(`${url}/api/projects`, { method: 'POST', headers, body });
    const { id } = (await made.json()) as { id: string };
    expect((await said.next()).value).toBe(
      `${made.headers.get('x-event-position')?.split('=').at(-1)} project:created ${id}`,
    );
  });

  it('[RD5] shows calls with the API client that work as they stand', async () => {
    const [{ home, data }, folder] = [await createProgramHome(), await createTempFolder()];
    const { url } = await startServer({ home });
    const token = (await readFile(join(data, 'auth/admin-token'), 'utf8')).trim();
    await mkdir(join(folder, 'node_modules'));
    await symlink(repositoryRoot, join(folder, 'node_modules/maestro-server'));
    await writeFile(join(folder, 'call.mjs'), codeBlocks[1] ?? '');
    const { stdout } = await promisify(execFile)(process.execPath, ['call.mjs'], {
      cwd: folder,
      env: { PATH: process.env.PATH, MAESTRO_URL: url, MAESTRO_TOKEN: token },
    });
    expect(stdout).toBe('Draw a map todo\n');
  });

  it('[RD2] explains settings that there are', () => {
    const named = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(9);
    expect(named.filter((name) => !settingNames.some((setting) => setting === name))).toEqual([]);
  });
});

describe('the backlog to try', () => {
  it('[RD3] has issues of every status and priority, all of them understood', async () => {
    const text = await readFile(join(repositoryRoot, 'docs/examples/backlog.jsonl'), 'utf8');
    const issues = text
      .trim()
      .split('\n')
      .map((line) => issueSchema.parse(JSON.parse(line)));
    const statuses = ['blocked', 'closed', 'deferred', 'hooked', 'in_progress', 'open', 'tombstone'];
    expect([...new Set(issues.map((issue) => issue.status))].sort()).toEqual(statuses);
    const read = issues.map(convertIssue);
    expect(read.flatMap(({ remarks }) => remarks)).toEqual([]);
    expect(new Set(read.map(({ item }) => item.priority))).toEqual(new Set(taskPrioritySchema.options));
    const ids = new Set(issues.map((issue) => issue.id));
    expect(ids.size).toBe(issues.length);
    const ends = read.flatMap(({ links }) => [links.parents, links.dependencies, links.references].flat());
    expect(ends.length).toBeGreaterThan(20);
    expect(ends.filter((id) => !ids.has(id))).toEqual([]);
  });
});
