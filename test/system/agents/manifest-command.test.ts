import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManifest, type ManifestRequest } from '../../../src/domain/agents/manifest.ts';
import { manifestCommand } from '../../../src/system/agents/manifest-command.ts';
import { waitForProcessExit } from '../../support/programs/process-exit.ts';
import { samples } from '../../support/samples/samples.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const project = { ...samples.projects(), id: 'proj_sample' };
const request = (more: Partial<ManifestRequest> = {}): ManifestRequest => ({
  ...{ sessionId: 'sess_1', sessionName: 'S', role: 'worker', strategy: 'simple', project, skills: [] },
  tasks: [samples.tasks()],
  ...more,
});

/** A command that does what the script says; its folder is where it may leave notes. */
async function command(script: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const folder = await createTempFolder();
  const program = join(folder, 'maestro.cjs');
  await writeFile(program, `#!${process.execPath}\nconst notes = ${JSON.stringify(folder)};\n${script}`);
  await chmod(program, 0o755);
  const causes: unknown[] = [];
  const generator = manifestCommand({
    program,
    env: { PATH: process.env.PATH ?? '', TMPDIR: tmpdir() },
    sessionDir: '/sessions',
    timeoutMs: 30_000,
    signal: new AbortController().signal,
    onFailure: (cause) => causes.push(cause),
    ...more,
  });
  return { folder, generator, causes, note: (name: string) => readFile(join(folder, name), 'utf8') };
}

const common = `
const { writeFileSync, readFileSync, readdirSync, statSync } = require('node:fs');
const arg = (name) => process.argv[process.argv.indexOf('--' + name) + 1];
const note = (name, value) => writeFileSync(notes + '/' + name, String(value));
`;

/** The text of the note, once it is written. */
async function readNote(folder: string, name: string): Promise<string> {
  for (;;) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (text !== '') return text;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a command that writes manifests', () => {
  it('[MF3] is run without a shell on a private folder with one request in it, which is removed', async () => {
    const manifest = createManifest(request());
    const { generator, note } = await command(`${common}
      note('args', JSON.stringify(process.argv.slice(2)));
      note('env', JSON.stringify(process.env));
      const dir = process.env.DATA_DIR;
      note('mode', (statSync(dir).mode & 0o777).toString(8));
      note('files', JSON.stringify(readdirSync(dir, { recursive: true }).filter((f) => f.endsWith('.json')).sort()));
      writeFileSync(arg('output'), JSON.stringify({ ...${JSON.stringify(manifest)}, skills: [''] }));
    `);
    const asked = request({
      ...{ role: 'orchestrator', model: 'm; rm -rf $HOME', agentTool: 'codex' },
      orchestratorStrategy: 'dag',
    });
    expect(await generator.generate(asked)).toEqual(manifest);
    const [task = samples.tasks()] = asked.tasks;
    const args = JSON.parse(await note('args'));
    const output = args[args.indexOf('--output') + 1];
    expect(args).toEqual([
      ...['manifest', 'generate', '--role', 'orchestrator', '--project-id', project.id],
      ...['--task-ids', task.id, '--skills', '', '--strategy', 'simple', '--output', output],
      ...['--model', 'm; rm -rf $HOME', '--orchestrator-strategy', 'dag', '--agent-tool', 'codex'],
      ...['--reference-task-ids', 'task_moon'],
    ]);
    const { DATA_DIR, SESSION_DIR, PATH: _, TMPDIR: __, ...rest } = JSON.parse(await note('env'));
    expect(rest).toEqual({});
    expect(SESSION_DIR).toBe('/sessions');
    expect(await note('mode')).toBe('700');
    expect(JSON.parse(await note('files'))).toEqual(
      [`projects/${project.id}.json`, 'sessions/sess_1.json', `tasks/${project.id}/${task.id}.json`].sort(),
    );
    await expect(stat(DATA_DIR)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('[MF6] may write null for what there is not', async () => {
    const written = {
      ...{
        manifestVersion: '1.0',
        role: 'worker',
        strategy: null,
        orchestratorStrategy: null,
        agentTool: null,
      },
      tasks: [
        {
          ...{
            id: 'task_1',
            title: 'T',
            description: '',
            acceptanceCriteria: ['Done.'],
            projectId: project.id,
          },
          ...{ createdAt: '2026-01-05T09:00:00.000Z', parentId: null, dependencies: null, priority: null },
          ...{ status: null, sessionIds: null, activeSessionId: null, metadata: { kept: null } },
        },
      ],
      session: { model: 'm', permissionMode: 'readOnly', maxTurns: null, thinkingMode: null, timeout: null },
      context: {
        codebaseContext: { techStack: null },
        relatedTasks: null,
        projectStandards: null,
        custom: null,
      },
      ...{ skills: null, referenceTaskIds: null, templateId: null },
    };
    const { generator } = await command(
      `${common} writeFileSync(arg('output'), ${JSON.stringify(JSON.stringify(written))});`,
    );
    const [task] = written.tasks;
    const { id, title, description, acceptanceCriteria, projectId, createdAt, metadata } = task ?? {};
    expect(await generator.generate(request())).toEqual({
      ...{ manifestVersion: '1.0', role: 'worker' },
      tasks: [{ id, title, description, acceptanceCriteria, projectId, createdAt, metadata }],
      session: { model: 'm', permissionMode: 'readOnly' },
      context: { codebaseContext: {} },
    });
  });

  it('[SP16] names no skill that is not a name', async () => {
    const manifest = { ...createManifest(request()), skills: ['../../evil'] };
    const { generator } = await command(
      `${common} writeFileSync(arg('output'), ${JSON.stringify(JSON.stringify(manifest))});`,
    );
    await expect(generator.generate(request())).rejects.toMatchObject({
      code: 'manifest_generation_failed',
      message: expect.stringContaining('not a valid manifest'),
    });
  });

  const failed = { code: 'manifest_generation_failed' };

  it.each([
    ['exits with 1', `console.error('task is invalid'); process.exit(1);`, /exit code 1/, /task is invalid/],
    ['writes nothing', '', /no manifest/, /ENOENT/],
    ['writes no JSON', `${common} writeFileSync(arg('output'), '{');`, /no manifest/, /JSON/],
    [
      'writes another thing',
      `${common} writeFileSync(arg('output'), '{"tasks":[]}');`,
      /not a valid manifest/,
      /tasks/,
    ],
  ])('[MF4] that %s fails for good, and only the log says why', async (_, script, message, cause) => {
    const { generator, causes } = await command(script);
    const error = await generator.generate(request()).catch((thrown) => thrown);
    expect(error).toMatchObject({ ...failed, message: expect.stringMatching(message) });
    expect(error.message).not.toMatch(cause);
    expect(String(causes)).toMatch(cause);
  });

  it('[MF4] that is missing fails for good', async () => {
    const generator = manifestCommand({
      ...{ program: '/nowhere/maestro', env: {}, sessionDir: '/sessions', timeoutMs: 1000 },
      signal: new AbortController().signal,
      onFailure: () => {},
    });
    await expect(generator.generate(request())).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('could not be started'),
    });
  });

  it('[MF4] that writes 100 MB of output is killed', async () => {
    const { generator, note } = await command(`${common} note('pid', process.pid);
      const chunk = 'x'.repeat(1024 * 1024);
      let left = 100;
      const more = () => { while (left-- > 0) if (!process.stdout.write(chunk)) return process.stdout.once('drain', more); note('all', 1); };
      more(); setInterval(() => {}, 1000);
    `);
    await expect(generator.generate(request())).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('wrote more than 1048576 bytes'),
    });
    await waitForProcessExit(Number(await note('pid')));
    await expect(note('all')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('[MF4] that writes a pipe in place of a file writes no manifest', async () => {
    const { generator } = await command(
      `${common} require('node:child_process').execFileSync('mkfifo', [arg('output')]);`,
    );
    await expect(generator.generate(request())).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('wrote no manifest'),
    });
  });

  it('[MF4] that leaves behind what holds its output open is not waited for', async () => {
    const { generator, note } = await command(
      `${common}
      const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
      note('child', child.pid); process.exit(3);`,
    );
    await expect(generator.generate(request())).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('exit code 3'),
    });
    process.kill(Number(await note('child')), 'SIGKILL');
  });

  it('[MF4] that hangs is killed in time with all it has started, and may be tried again', async () => {
    const { generator, folder, note } = await command(
      `${common}
      const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'ignore' });
      note('child', child.pid); note('pid', process.pid); process.on('SIGTERM', () => {});
      setInterval(() => {}, 1000);`,
      { timeoutMs: 1500 },
    );
    const generated = generator.generate(request());
    generated.catch(() => {});
    const child = Number(await readNote(folder, 'child'));
    await expect(generated).rejects.toMatchObject({ code: 'TRY_AGAIN' });
    await waitForProcessExit(child);
    await waitForProcessExit(Number(await note('pid')));
  });

  it('[MF5] ends when the server stops, runs twice at once, and lets no more than 32 wait', async () => {
    const stopping = new AbortController();
    const { generator, folder } = await command(
      `${common} writeFileSync(notes + '/run-' + process.pid, '1'); setInterval(() => {}, 1000);`,
      { signal: stopping.signal },
    );
    const runs = Array.from({ length: 34 }, () => generator.generate(request()).catch((error) => error.code));
    await expect(generator.generate(request())).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const running = async () => (await readdir(folder)).filter((name) => name.startsWith('run-'));
    while ((await running()).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    stopping.abort();
    expect(new Set(await Promise.all(runs))).toEqual(new Set(['NOT_READY']));
    const started = await running();
    expect(started).toHaveLength(2);
    for (const name of started) await waitForProcessExit(Number(name.slice(4)));
  });
});
