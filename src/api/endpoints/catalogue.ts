import { backlogEndpoints } from './backlog.ts';
import { eventEndpoints } from './event-log.ts';
import { projectEndpoints } from './projects.ts';
import { queueEndpoints } from './queues.ts';
import { serviceEndpoints } from './service.ts';
import { sessionEndpoints } from './sessions.ts';
import { skillEndpoints } from './skills.ts';
import { socketEndpoints } from './sockets.ts';
import { spawnEndpoints } from './spawn.ts';
import { taskEndpoints } from './tasks.ts';
import { templateEndpoints } from './templates.ts';
import { tokenEndpoints } from './tokens.ts';
import { workspaceEndpoints } from './workspace.ts';

/** CATALOGUE: every endpoint of this server with its types, in the order of the reference. */
export const endpoints = [
  ...serviceEndpoints,
  ...projectEndpoints,
  ...taskEndpoints,
  ...sessionEndpoints,
  ...spawnEndpoints,
  ...queueEndpoints,
  ...templateEndpoints,
  ...skillEndpoints,
  ...eventEndpoints,
  ...socketEndpoints,
  ...tokenEndpoints,
  ...backlogEndpoints,
  ...workspaceEndpoints,
] as const;
