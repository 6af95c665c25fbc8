import { constants } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
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
import { type ProcessResult, runBounded } from './bounded-process.ts';

/** The program that writes manifests, and how it is run. */
export interface ManifestCommandOptions {
  readonly program: string;
  /** The whole environment of the program, except the variables that name folders. */
  readonly env: Readonly<Record<string, string>>;
  readonly sessionDir: string;
  readonly timeoutMs: number;
  /** Aborts when the server stops, so that no command outlives it. */
  readonly signal: AbortSignal;
  /** Receives the cause of a failure, which is for the log and not for clients. */
  readonly onFailure: (cause: unknown) => void;
}

const maxOutputBytes = 1024 * 1024;
const maxManifestBytes = 16 * 1024 * 1024;
const concurrency = 2;
const maxWaiting = 32;

/**
 * Generates manifests with the client program `maestro manifest generate`. The program reads entities from files: each
 * run gets a temporary folder with the entities of its request, which is removed afterwards.
 */
export function manifestCommand(options: ManifestCommandOptions): ManifestGenerator {
  const limit = pLimit(concurrency);
  return {
    async generate(request) {
      if (limit.activeCount + limit.pendingCount >= concurrency + maxWaiting) {
        throw new AppError('RATE_LIMITED', 'Too many sessions are being spawned; try again.');
      }
      try {
        return await limit(() => generateInFolder(options, request));
      } catch (error) {
        if (error instanceof AppError && error.cause !== undefined) options.onFailure(error.cause);
        throw error;
      }
    },
  };
}

async function generateInFolder(
  options: ManifestCommandOptions,
  request: ManifestRequest,
): Promise<Manifest> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-manifest-'));
  try {
    await writeEntities(folder, request);
    const output = join(folder, 'manifest.json');
    const { program, env, sessionDir, timeoutMs: milliseconds, signal } = options;
    const result = await runBounded({
      program,
      args: argumentsFor(request, output),
      env: { ...env, DATA_DIR: folder, SESSION_DIR: sessionDir },
      cwd: folder,
      timeoutMs: milliseconds,
      maxOutputBytes,
      signal,
    });
    assertSucceeded(result, options);
    return omitUndefined({ ...(await readManifest(output)), templateId: request.templateId });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The arguments of the program, in the order that its versions have always received. */
function argumentsFor(request: ManifestRequest, output: string): string[] {
  const { role, project, tasks, skills, strategy, model, orchestratorStrategy, agentTool } = request;
  const references = referencedTaskIds(tasks);
  const named = [
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
  const flags = named.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return ['manifest', 'generate', ...flags];
}

async function writeEntities(folder: string, request: ManifestRequest): Promise<void> {
  const { project, tasks, sessionId, sessionName: name } = request;
  const session = { id: sessionId, projectId: project.id, taskIds: tasks.map((task) => task.id), name };
  for (const path of ['projects', 'tasks', join('tasks', project.id), 'sessions']) {
    await makePrivateFolder(join(folder, path));
  }
  const write = (path: string, value: unknown) =>
    writeFile(join(folder, `${path}.json`), JSON.stringify(value), { mode: 0o600 });
  await write(`projects/${project.id}`, project);
  await write(`sessions/${sessionId}`, { ...session, status: 'spawning' });
  for (const task of tasks) await write(`tasks/${project.id}/${task.id}`, task);
}

function assertSucceeded(
  result: ProcessResult,
  { program, timeoutMs: milliseconds }: ManifestCommandOptions,
): void {
  if (result.kind === 'exited' && result.code === 0) return;
  if (result.kind === 'aborted') throw new AppError('NOT_READY', 'The server is stopping.');
  if (result.kind === 'timed-out') {
    throw new AppError(
      'TRY_AGAIN',
      `The command that writes manifests took longer than ${milliseconds / 1000} seconds.`,
    );
  }
  if (result.kind === 'not-started') {
    throw generationError(
      'could not be started',
      new Error(`MAESTRO_CLI_PATH is ${program}`, { cause: result.error }),
    );
  }
  if (result.kind === 'exited') {
    throw generationError(`ended with exit code ${result.code}`, new Error(result.output.slice(-4000)));
  }
  throw generationError(`wrote more than ${maxOutputBytes} bytes of output`);
}

async function readManifest(path: string): Promise<Manifest> {
  let value: unknown;
  try {
    value = JSON.parse(await readUpTo(path, maxManifestBytes));
  } catch (error) {
    throw generationError('wrote no manifest', error);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw generationError('wrote a file that is not a valid manifest', parsed.error);
  const { skills, ...manifest } = parsed.data;
  // Without skills the program receives an empty name, and returns it as a skill.
  const names = skills?.filter((skill) => skill !== '') ?? [];
  return names.length === 0 ? manifest : { ...manifest, skills: names };
}

async function readUpTo(path: string, maxBytes: number): Promise<string> {
  // Without O_NONBLOCK, opening a pipe would wait for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${path} is not a file`);
    if (stats.size > maxBytes) throw new Error(`${path} is larger than ${maxBytes} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function generationError(problem: string, cause?: unknown): AppError {
  return new AppError(
    'manifest_generation_failed',
    `The command that writes manifests ${problem}; see the log of the server.`,
    undefined,
    cause,
  );
}
