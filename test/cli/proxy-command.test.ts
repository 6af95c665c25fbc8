import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import {
  bearerHeader,
  createProgramHome,
  createProject,
  startProgram,
  startServer,
} from '../support/programs/program.ts';
import { createTempFolder } from '../support/stores/temp-folder.ts';

describe('[PX8] maestro-server proxy', () => {
  it('works with the token of a file as it is now, and never says it', async () => {
    const { home, token } = await createProgramHome();
    const server = await startServer({ home });
    const admin = await token();
    await createProject(server.url, admin, 'Shared');
    const made = await fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      headers: { ...bearerHeader(admin), 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'viewer', projects: ['*'], subject: 'proxy' }),
    });
    const viewer = (await made.json()) as { readonly token: string };
    const file = join(home, 'token');
    await writeFile(file, `${admin}\n`);
    const program = await startProgram(['proxy', '--listen', '127.0.0.1:0', '--token-file', file], { home });
    const [, url = ''] = await program.waitForOutput(/^(http:\/\/127\.0\.0\.1:\d+)\n/);
    expect(await (await fetch(`${url}/api/projects`)).json()).toMatchObject([{ name: 'Shared' }]);
    const subject = async () =>
      ((await (await fetch(`${url}/api/whoami`)).json()) as { subject?: string }).subject;
    expect(await subject()).toBe('admin');
    await writeFile(file, viewer.token);
    expect(await subject()).toBe('proxy');
    await writeFile(file, '');
    expect((await fetch(`${url}/api/whoami`)).status).toBe(503);
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    const said = program.out() + program.err() + server.out() + server.err();
    for (const secret of [admin, viewer.token]) expect(said).not.toContain(secret);
  });

  it.each([
    ['where to listen', '', /--listen is missing/, 2],
    ['[PX1] an address of the network', '--listen 0.0.0.0:3001', /an address of this machine alone/, 2],
    ['[PX1] a name of the network', '--listen board.example:3001', /an address of this machine alone/, 2],
    ['a port that is none', '--listen 127.0.0.1:99999', /an address of this machine alone/, 2],
    ['any token', '--listen 127.0.0.1:0 --server http://127.0.0.1:1', /There is no token/, 1],
    [
      'a token file',
      '--listen 127.0.0.1:0 --server http://127.0.0.1:1 --token-file none',
      /none holds no token/,
      1,
    ],
    ['a server', '--listen 127.0.0.1:0 --token-file none', /No server uses .*: start it/, 1],
  ])('needs %s: %s', async (_, args, message, code) => {
    const home = await createTempFolder();
    const said: string[] = [];
    const note = (text: string) => void said.push(text);
    const surroundings = {
      environment: () => ({}),
      cwd: home,
      home,
      isTerminal: false,
      print: note,
      printDiagnostic: note,
    };
    const writeChunk = async () => {};
    const input = (async function* () {})();
    const words = ['proxy', ...args.split(' ').filter(Boolean)];
    expect(await runCommand(words, commands, { ...surroundings, writeChunk, input })).toBe(code);
    expect(said).toEqual([expect.stringMatching(message)]);
  });
});
