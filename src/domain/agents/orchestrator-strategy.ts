import { z } from 'zod';

/** How an orchestrator assigns tasks. */
export const orchestratorStrategySchema = z.enum(['default', 'intelligent-batching', 'dag']);

export type OrchestratorStrategy = z.infer<typeof orchestratorStrategySchema>;
