import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProgramRun, runProgram } from '../../../src/cli/agent/agent-process.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const PATH = process.env.PATH ?? '';

describe('the program of a task', () => {
  const run = async (program: string, more: Partial<ProgramRun> = {}, args: string[] = []) => {
    const cwd = await createTempFolder();
    const { signal } = new AbortController();
    const base = {
      env: { PATH },
      cwd,
      signal,
      graceMs: 1000,
      output: 'stderr',
      onProcess: () => {},
    } as const;
    return runProgram({ program, args }, { ...base, ...more });
  };

  it('[AG9] that cannot be started is a failure in words, whatever the reason', async () => {
    const folder = await createTempFolder();
    const plain = join(folder, 'plain');
    await writeFile(plain, '');
    const script = join(folder, 'script');
    await writeFile(script, '#!/nowhere/python\n');
    await chmod(script, 0o755);
    const env = (value: string) => ({ env: { PATH, MAESTRO_TASK_TITLE: value } });
    const rows: [string, Partial<ProgramRun>, RegExp][] = [
      ['/nowhere/agent', {}, /^the program \/nowhere\/agent was not found/],
      [script, {}, /^the program .*script was not found, or the interpreter/],
      [plain, {}, /^the program .*plain may not be executed$/],
      ['true', env('a\0b'), /^MAESTRO_TASK_TITLE has a NUL character/],
      ['true', env('x'.repeat(3_000_000)), /^the program true was not started: its environment/],
      ['true', { cwd: join(folder, 'gone') }, /^the working folder .*gone does not exist$/],
      ['true', { cwd: `${folder}/a\0b` }, /^the working folder .* has a NUL character in its name$/],
      ['true\0', {}, /^the program true\0 could not be started/],
    ];
    for (const [program, more, fault] of rows) expect(await run(program, more)).toMatch(fault);
    expect(await run('true')).toBeUndefined();
    expect(await run('false')).toBe('exit code 1');
    expect(await run('sh', {}, ['-c', 'kill -9 $$'])).toBe('ended by SIGKILL');
  });

  it('[AG9] is not started when it is to end before', async () => {
    const pids: (number | undefined)[] = [];
    const fault = await run('sleep', { signal: AbortSignal.abort(), onProcess: (pid) => pids.push(pid) }, [
      '1000',
    ]);
    expect(fault).toBe('ended by SIGTERM');
    expect(pids).toEqual([expect.any(Number), undefined]);
  });
});
