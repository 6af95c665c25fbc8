import type { Command } from './command.ts';
import { exportCommand } from './export-command.ts';
import { importCommand } from './import-command.ts';
import { serve } from './serve.ts';
import { createToken, listTokens, revokeToken } from './token-commands.ts';

/** CATALOGUE: every command of the program. */
export const commands: readonly Command[] = [
  serve,
  importCommand,
  exportCommand,
  createToken,
  listTokens,
  revokeToken,
];
