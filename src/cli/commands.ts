import { agentCommand } from './agent-command.ts';
import { backupCommand } from './backup-command.ts';
import { checkCommand } from './check-command.ts';
import type { Command } from './command.ts';
import { copyCommand } from './copy-command.ts';
import { exportCommand } from './export-command.ts';
import { importCommand } from './import-command.ts';
import { migrateStatus, migrateUpCommand } from './migrate-commands.ts';
import { proxyCommand } from './proxy-command.ts';
import { restoreCommand } from './restore-command.ts';
import { serve } from './serve.ts';
import { createToken, listTokens, revokeToken } from './token-commands.ts';

/** CATALOGUE: every command of the program. */
export const commands: readonly Command[] = [
  serve,
  importCommand,
  exportCommand,
  proxyCommand,
  createToken,
  listTokens,
  revokeToken,
  agentCommand,
  backupCommand,
  restoreCommand,
  checkCommand,
  copyCommand,
  migrateStatus,
  migrateUpCommand,
];
