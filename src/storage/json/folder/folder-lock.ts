import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { FileSystem } from '../disk/file-system.ts';
import { Fence } from './fence.ts';
import { FolderInUseError } from './folder-in-use-error.ts';
import { heartbeatPath, layout, newestTerm, termOfNote, termPath } from './store-layout.ts';

const holderSchema = z.object({
  pid: z.int(),
  host: z.string(),
  bootId: z.string(),
  pidNamespace: z.string(),
  processStart: z.string(),
  startedAt: z.string(),
  releasedAt: z.string().optional(),
});

const pollMs = 50;
/** How long a claim is given to become whole, which is a matter of an instant. */
const termFileTimeoutMs = 500;

/** The right to be the only one that changes a data folder. */
export interface Ownership {
  readonly fence: Fence;
  /** Gives the folder back; from then on every check of the fence throws. */
  release(): Promise<void>;
}

/** What is needed to take a data folder. */
export interface FolderLockOptions {
  readonly files: FileSystem;
  readonly dataDir: string;
  /** How long a holder that shows no life is watched before it is replaced, in milliseconds. */
  readonly takeoverTimeoutMs: number;
}

/**
 * Takes the data folder for this process by claiming the next term. A holder that lives is never replaced, one that is
 * dead, or died before it said who it is, at once, one that cannot be seen after it showed no life for a while. Throws FolderInUseError, having changed
 * nothing. `onLost` hears when another process took the folder over.
 */
export async function acquireFolder(
  options: FolderLockOptions,
  onLost: (reason: Error) => void,
): Promise<Ownership> {
  const { files, dataDir: root } = options;
  const lock = join(root, layout.lock);
  const holder = { ...files.currentProcess(), startedAt: new Date().toISOString() };
  for (;;) {
    const last = findNewestTerm(files, root);
    if (last > 0) await assertAvailable(options, last);
    await files.makeFolder(lock);
    const fence = new Fence(files, root, last + 1);
    const claim = join(root, termPath(fence.term));
    // Whoever makes the file of a term has the term; all others look again at who that is.
    if (!(await files.createExclusive(claim, `${JSON.stringify(holder)}\n`))) continue;
    await files.syncFolder(lock);
    await files.syncFolder(root);
    const stop = await files.startHeartbeat(join(root, heartbeatPath(fence.term)), onLost);
    await removeOldHeartbeats(files, root, fence.term);
    return {
      fence,
      async release() {
        await stop();
        const released = { ...holder, releasedAt: new Date().toISOString() };
        try {
          await files.replace(claim, `${JSON.stringify(released)}\n`, () => fence.assertOwned());
        } finally {
          fence.close('the folder was given back');
        }
      },
    };
  }
}

/** The newest term of which there is a trace: somebody may have cleared the claims away, or not copied them. */
function findNewestTerm(files: FileSystem, root: string): number {
  const names = [layout.lock, layout.journal].flatMap((folder) => files.list(join(root, folder)));
  const note = files.readText(join(root, layout.checkpoint)) ?? '';
  return Math.max(newestTerm(names.map((entry) => entry.name)), termOfNote(note));
}

async function assertAvailable(options: FolderLockOptions, term: number): Promise<void> {
  const { files, dataDir: root, takeoverTimeoutMs } = options;
  const claim = await readTermFile(options, term);
  if (claim === undefined) return;
  const holder = parseHolder(claim);
  if (holder?.releasedAt !== undefined) return;
  const running = holder === undefined ? undefined : files.isRunning(holder);
  if (running === false) return;
  const beat = () => files.stat(join(root, heartbeatPath(term)))?.touchedAt;
  const first = beat();
  const isFresh = first !== undefined && Math.abs(Date.now() - first) < takeoverTimeoutMs;
  if (running && isFresh) throw folderInUseError(root, holder);
  // The heartbeat alone is trusted, not the clock of whoever made it.
  for (let waited = 0; waited < takeoverTimeoutMs; waited += pollMs) {
    await setTimeout(pollMs);
    if (beat() !== first) throw folderInUseError(root, holder);
  }
}

/** What the claim of a term says; undefined when there is none, or only a piece of one whose process died at it. */
async function readTermFile(options: FolderLockOptions, term: number): Promise<string | undefined> {
  const { files, dataDir: root, takeoverTimeoutMs } = options;
  for (let waited = 0; ; waited += pollMs) {
    const hasHeartbeat = files.stat(join(root, heartbeatPath(term))) !== undefined;
    const claim = files.readText(join(root, termPath(term)));
    // A heartbeat comes behind a whole claim only: one that is not was damaged later.
    if (hasHeartbeat || claim === undefined || parseHolder(claim) !== undefined) return claim;
    if (waited >= Math.min(termFileTimeoutMs, takeoverTimeoutMs)) return undefined;
    await setTimeout(pollMs);
  }
}

/** Who has the data folder, looked at from outside. */
export interface LockState {
  /** `dead` was left by a process that is gone; of `unseen` only a start can tell, which watches it for a while. */
  readonly status: 'free' | 'dead' | 'held' | 'unseen';
  /** The holder as sentences name it. */
  readonly who: string;
  /** The newest term: it grows with every process that takes the folder. */
  readonly term: number;
}

/** Tells who has the data folder, and changes nothing. */
export function readLockState(files: FileSystem, root: string): LockState {
  const term = findNewestTerm(files, root);
  const claim = term > 0 ? files.readText(join(root, termPath(term))) : undefined;
  const holder = claim === undefined ? undefined : parseHolder(claim);
  const state = { who: describeHolder(holder), term };
  if (claim === undefined || holder?.releasedAt !== undefined) return { ...state, status: 'free' };
  const running = holder === undefined ? undefined : files.isRunning(holder);
  return { ...state, status: running === undefined ? 'unseen' : running ? 'held' : 'dead' };
}

function parseHolder(claim: string): z.infer<typeof holderSchema> | undefined {
  try {
    return holderSchema.parse(JSON.parse(claim));
  } catch {
    // Claimed this instant, or by a process that died at it.
    return undefined;
  }
}

function folderInUseError(root: string, holder: z.infer<typeof holderSchema> | undefined): FolderInUseError {
  return new FolderInUseError(
    `The data folder ${root} is in use by ${describeHolder(holder)}; stop that or choose another folder.`,
  );
}

function describeHolder(holder: z.infer<typeof holderSchema> | undefined): string {
  if (holder === undefined) return 'another process';
  return `process ${holder.pid} on ${holder.host} since ${holder.startedAt}`;
}

async function removeOldHeartbeats(files: FileSystem, root: string, term: number): Promise<void> {
  const own = heartbeatPath(term).slice(layout.lock.length + 1);
  for (const { name } of files.list(join(root, layout.lock))) {
    if (name.startsWith('owner-') && name < own) await files.remove(join(root, layout.lock, name));
  }
}
