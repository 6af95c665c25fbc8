import { z } from 'zod';

/** What an agent is for: a worker does tasks, an orchestrator hands them out. */
export const agentRoleSchema = z
  .enum(['worker', 'orchestrator'])
  .meta({ description: 'A worker does tasks, an orchestrator hands them out.' });

export type AgentRole = z.infer<typeof agentRoleSchema>;
