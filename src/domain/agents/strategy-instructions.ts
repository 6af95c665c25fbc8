import type { Strategy } from '../work/session.ts';
import type { OrchestratorStrategy } from './orchestrator-strategy.ts';

/** What each strategy of a session asks of its worker; the commands run where those of the default template do. */
export const workerInstructions: Readonly<Record<Strategy, string>> = {
  simple: 'Do the tasks in the order of the list, each to its end before the next.',
  queue: `Your tasks wait in a queue, and others may be added while you work. Take the next one, which waits up to 30 seconds for it:

\`\`\`sh
curl -s -X POST "$API/sessions/$MAESTRO_SESSION_ID/queue/start?wait=30" -H "$A"
\`\`\`

"item" in the answer is what to do now, and "empty" says that nothing is left. Read the task behind it, do it, and say how
it ended before you take another:

\`\`\`sh
curl -s -X POST "$API/sessions/$MAESTRO_SESSION_ID/queue/complete" -H "$A"
\`\`\`

With "fail" in place of "complete", and {"reason":"…"} as its body, it has failed.`,
  tree: 'The first task has parts, and those may have parts again. Begin with what has none, and end with the whole.',
};

/** What each strategy asks of an orchestrator. */
export const orchestratorInstructions: Readonly<Record<OrchestratorStrategy, string>> = {
  default: 'Hand out one task at a time, the most important first, and look at each result before the next.',
  'intelligent-batching':
    'Put tasks that touch the same parts together and hand them to one worker; let those that do not touch run side by side.',
  dag: 'Hand out every task whose dependencies are completed, side by side, and look again whenever one is.',
};
