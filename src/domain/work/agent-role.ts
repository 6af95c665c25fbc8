import { z } from 'zod';

/** The role of an agent: a worker does tasks, an orchestrator assigns them. */
export const agentRoleSchema = z
  .enum(['worker', 'orchestrator'])
  .meta({ description: 'A worker does tasks, an orchestrator assigns them.' });

export type AgentRole = z.infer<typeof agentRoleSchema>;
