import type { Command } from '../../../src/cli/command/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { runCommand } from '../../../src/cli/run-command.ts';
import type { CommandResult } from './command-harness.ts';

/** Runs a command over a data folder in this process, with no server between. */
export async function runInFolder(
  dataDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  known: readonly Command[] = commands,
): Promise<CommandResult> {
  const said = { out: '', err: '' };
  const code = await runCommand(args, known, {
    environment: () => ({ DATA_DIR: dataDir, PORT: '0', ...env }),
    cwd: dataDir,
    home: dataDir,
    isTerminal: false,
    print: (text) => {
      said.out += text;
    },
    writeChunk: async () => {},
    printDiagnostic: (text) => {
      said.err += text;
    },
    input: (async function* () {})(),
  });
  return { code, ...said };
}
