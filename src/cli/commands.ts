import { agentCommand } from './agent/agent-command.ts';
import type { Command } from './command/command.ts';
import { backupCommand } from './data/backup-command.ts';
import { checkCommand } from './data/check-command.ts';
import { copyCommand } from './data/copy-command.ts';
import { exportCommand } from './data/export-command.ts';
import { importCommand } from './data/import-command.ts';
import { migrateStatusCommand, migrateUpCommand } from './data/migrate-commands.ts';
import { restoreCommand } from './data/restore-command.ts';
import { proxyCommand } from './proxy-command.ts';
import { serveCommand } from './serve.ts';
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from './token-commands.ts';

/** CATALOGUE: every command of the program. */
export const commands: readonly Command[] = [
  serveCommand,
  importCommand,
  exportCommand,
  proxyCommand,
  createTokenCommand,
  listTokensCommand,
  revokeTokenCommand,
  agentCommand,
  backupCommand,
  restoreCommand,
  checkCommand,
  copyCommand,
  migrateStatusCommand,
  migrateUpCommand,
];
