import { constants } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestGenerator } from '../../application/agents/manifest-ports.ts';
import {
  type Manifest,
  type ManifestRequest,
  manifestSchema,
  manifestStrategy,
  referencedTaskIds,
} from '../../domain/agents/manifest.ts';
import { AppError } from '../../domain/errors.ts';
import { omitUndefined } from '../../domain/values/immutable.ts';
import { makePrivateFolder } from '../machine/private-file.ts';
import { type CommandEnd, runLimited } from './bounded-process.ts';
import { Turnstile } from './semaphore.ts';

/** How the command is run. */
export interface ManifestCommandOptions {
  readonly program: string;
  /** Its whole environment but for the folders. */
  readonly env: Readonly<Record<string, string>>;
  readonly sessionDir: string;
  readonly milliseconds: number;
  /** Ends when the server stops: no command outlives it. */
  readonly signal: AbortSignal;
  /** Hears of what only the log is told: why the program could not. */
  readonly onFailure: (cause: unknown) => void;
}

const outputBytes = 1024 * 1024;
const manifestBytes = 16 * 1024 * 1024;
const atOnce = 2;
const mostWaiting = 32;

/**
 * Has manifests written by the client program `maestro manifest generate`, which reads the entities from files: from a
 * folder of its own that holds those of one request, and is removed afterwards.
 */
export function manifestCommand(options: ManifestCommandOptions): ManifestGenerator {
  const turnstile = new Turnstile(atOnce, mostWaiting);
  return {
    async generate(request) {
      if (turnstile.full)
        throw new AppError('RATE_LIMITED', 'Too many sessions are being spawned; try again.');
      return turnstile
        .pass(() => inFolder(options, request))
        .catch((error) => {
          if (error instanceof AppError && error.cause !== undefined) options.onFailure(error.cause);
          throw error;
        });
    },
  };
}

async function inFolder(options: ManifestCommandOptions, request: ManifestRequest): Promise<Manifest> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-manifest-'));
  try {
    await layOut(folder, request);
    const output = join(folder, 'manifest.json');
    const { program, env, sessionDir, milliseconds, signal } = options;
    const end = await runLimited({
      program,
      args: argumentsFor(request, output),
      env: { ...env, DATA_DIR: folder, SESSION_DIR: sessionDir },
      cwd: folder,
      milliseconds,
      outputBytes,
      signal,
    });
    assertDone(end, options);
    return omitUndefined({ ...(await readManifest(output)), templateId: request.templateId });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The arguments that the program knows, in the order it has always been given them. */
function argumentsFor(request: ManifestRequest, output: string): string[] {
  const { role, project, tasks, skills, strategy, model, orchestratorStrategy, agentTool } = request;
  const references = referencedTaskIds(tasks);
  const given = [
    ['--role', role],
    ['--project-id', project.id],
    ['--task-ids', tasks.map((task) => task.id).join(',')],
    ['--skills', skills.join(',')],
    ['--strategy', manifestStrategy(strategy)],
    ['--output', output],
    ['--model', model],
    ['--orchestrator-strategy', orchestratorStrategy],
    ['--agent-tool', agentTool === 'claude-code' ? undefined : agentTool],
    ['--reference-task-ids', references.length === 0 ? undefined : references.join(',')],
  ] as const;
  const flags = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return ['manifest', 'generate', ...flags];
}

async function layOut(folder: string, request: ManifestRequest): Promise<void> {
  const { project, tasks, sessionId, sessionName: name } = request;
  const session = { id: sessionId, projectId: project.id, taskIds: tasks.map((task) => task.id), name };
  for (const place of ['projects', 'tasks', join('tasks', project.id), 'sessions']) {
    await makePrivateFolder(join(folder, place));
  }
  const write = (place: string, value: unknown) =>
    writeFile(join(folder, `${place}.json`), JSON.stringify(value), { mode: 0o600 });
  await write(`projects/${project.id}`, project);
  await write(`sessions/${sessionId}`, { ...session, status: 'spawning' });
  for (const task of tasks) await write(`tasks/${project.id}/${task.id}`, task);
}

function assertDone(end: CommandEnd, { program, milliseconds }: ManifestCommandOptions): void {
  if (end.kind === 'exited' && end.code === 0) return;
  if (end.kind === 'stopped') throw new AppError('NOT_READY', 'The server is stopping.');
  if (end.kind === 'late') {
    throw new AppError(
      'TRY_AGAIN',
      `The command that writes manifests took longer than ${milliseconds / 1000} seconds.`,
    );
  }
  if (end.kind === 'missing') {
    throw failed('could not be started', new Error(`MAESTRO_CLI_PATH is ${program}`, { cause: end.fault }));
  }
  if (end.kind === 'exited') {
    throw failed(`ended with exit code ${end.code}`, new Error(end.said.slice(-4000)));
  }
  throw failed('said more than it may');
}

async function readManifest(path: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readUpTo(path, manifestBytes));
  } catch (error) {
    throw failed('wrote no manifest', error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw failed('wrote what is no manifest', parsed.error);
  const { skills, ...manifest } = parsed.data;
  // Without skills the program is given an empty name, which it hands on as a skill.
  const named = skills?.filter((skill) => skill !== '') ?? [];
  return named.length === 0 ? manifest : { ...manifest, skills: named };
}

async function readUpTo(path: string, most: number): Promise<string> {
  // A pipe would be waited for at its opening, for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error(`${path} is no file`);
    if (about.size > most) throw new Error(`${path} is larger than ${most} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function failed(how: string, cause?: unknown): AppError {
  return new AppError(
    'manifest_generation_failed',
    `The command that writes manifests ${how}; the log of the server tells more.`,
    undefined,
    cause,
  );
}
