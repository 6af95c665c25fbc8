import { renameSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { makePrivateFolder, readTextFile } from '../machine/private-file.ts';
import { endGroup } from './process-group.ts';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts';

const identitySchema = z.object({ pid: z.int().min(1), startedAt: z.string() });
const entrySchema = z.object({ agent: identitySchema, program: identitySchema.optional() });

const retryMs = 20;

/** The name of a launcher while this process has it, and the record of the program that it runs. */
export interface HeldLauncher {
  readonly launcherId: string;
  /**
   * Records which process runs the program now, or none for undefined, so that a later agent of the name can end it. It
   * is written at once: this process may be killed the moment after it has started the program.
   */
  readonly recordProgram: (pid: number | undefined) => void;
  /** Gives the name up. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the name for this process: `folder` has a private folder for each name, with a file for each agent that has or
 * had it. A program that a killed agent of this name left behind is ended first, see endGroup. Returns undefined when
 * another agent on this machine has the name. Throws what the file system throws.
 */
export async function holdLauncher(
  folder: string,
  launcherId: string,
  graceMs: number,
): Promise<HeldLauncher | undefined> {
  const agent = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: '' };
  const own = join(folder, encodeURIComponent(launcherId));
  const file = `${crypto.randomUUID()}.json`;
  await makePrivateFolder(own);
  const write = (program?: ProcessIdentity) => {
    const path = join(own, file);
    writeFileSync(`${path}.new`, `${JSON.stringify({ agent, program })}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  const release = () => rm(join(own, file), { force: true });
  for (let attempt = 1; ; attempt++) {
    // Each writes its file before it looks for others: of two at the same time, at most one finds itself alone.
    write();
    const others = await readOthers(own, file);
    const rival = others.find((other) => isSameProcess(other.agent));
    if (rival === undefined) {
      for (const { name, program } of others) {
        if (program !== undefined && isSameProcess(program)) await endGroup(program.pid, graceMs);
        await rm(join(own, name), { force: true });
      }
      break;
    }
    await release();
    if (attempt === 3) return undefined;
    await setTimeout(retryMs * (1 + Math.random()));
  }
  return {
    launcherId,
    recordProgram: (pid) => write(pid === undefined ? undefined : identifyProcess(pid)),
    release,
  };
}

async function readOthers(folder: string, own: string) {
  const others = [];
  for (const name of (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== own)) {
    const entry = parseEntry(await readTextFile(join(folder, name)).catch(() => undefined));
    if (entry !== undefined) others.push({ name, ...entry });
  }
  return others;
}

function parseEntry(text: string | undefined): z.infer<typeof entrySchema> | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
