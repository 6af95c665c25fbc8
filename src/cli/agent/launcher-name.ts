import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type HeldLauncher, holdLauncher } from '../../system/agents/launcher-folder.ts';
import { CommandError } from '../command/command.ts';

const maxAgents = 1000;

/**
 * Takes the name that was given; without one the first free of `user@host`, `user@host:2` and so on, which are the same
 * at every start: an agent that was killed gets its sessions back. Throws CommandError when the name is taken.
 */
export async function takeLauncherName(
  given: string | undefined,
  home: string,
  graceMs: number,
): Promise<HeldLauncher> {
  const folder = join(home, '.maestro', 'agents');
  const hold = (name: string) =>
    holdLauncher(folder, name, graceMs).catch((error) => {
      throw new CommandError(`${folder} cannot be used: ${error.message}.`, error);
    });
  if (given !== undefined) {
    const held = await hold(given);
    if (held !== undefined) return held;
    throw new CommandError(
      `Another agent on this machine works as ${given}; give this one another --launcher.`,
    );
  }
  const base = `${userName()}${hostname()}`.replaceAll(/[^A-Za-z0-9_.@-]/g, '-').slice(0, 180);
  for (let number = 1; number <= maxAgents; number++) {
    const held = await hold(number === 1 ? base : `${base}:${number}`);
    if (held !== undefined) return held;
  }
  throw new CommandError(`${maxAgents} agents work on this machine; give this one a name with --launcher.`);
}

/** The name of the user with an @ after it, or nothing where the system knows none. */
function userName(): string {
  try {
    return `${userInfo().username}@`;
  } catch {
    return '';
  }
}
