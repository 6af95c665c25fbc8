import type { Strategy } from '../work/session.ts';
import type { OrchestratorStrategy } from './orchestrator-strategy.ts';

/** Instructions to a worker for each strategy; the commands need the variables that the default template sets. */
export const workerInstructions: Readonly<Record<Strategy, string>> = {
  simple: 'Do the tasks in the order of the list, and finish each one before you start the next.',
  queue: `Your tasks wait in a queue, and others may be added while you work. Take the next one; the command waits up to 30 seconds for it:

\`\`\`sh
curl -s -X POST "$API/sessions/$MAESTRO_SESSION_ID/queue/start?wait=30" -H "$A"
\`\`\`

"item" in the answer is what to do now; "empty" means that nothing is left. Read the task of the item, do it, and report
the result before you take another:

\`\`\`sh
curl -s -X POST "$API/sessions/$MAESTRO_SESSION_ID/queue/complete" -H "$A"
\`\`\`

If it failed, use "fail" instead of "complete", with {"reason":"…"} as the body.`,
  tree: 'The first task has parts, which may have parts of their own. Begin with those that have none, and end with the first task.',
};

/** Instructions to an orchestrator for each strategy. */
export const orchestratorInstructions: Readonly<Record<OrchestratorStrategy, string>> = {
  default:
    'Assign one task at a time, the most important first, and check each result before you assign the next.',
  'intelligent-batching':
    'Group tasks that change the same parts and assign each group to one worker; let independent groups run in parallel.',
  dag: 'Assign every task whose dependencies are completed, in parallel, and check again whenever a task is completed.',
};
