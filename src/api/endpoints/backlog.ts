import { z } from 'zod';
import {
  backlogItemSchema,
  backlogLinksSchema,
  maxBacklogBatchSize,
} from '../../domain/transfer/backlog-item.ts';
import { idSchema } from '../../domain/values/id.ts';
import { json } from '../answer.ts';
import { endpoint, largeBodyLimits } from '../endpoint.ts';

const idParams = { id: idSchema };

const importResultsSchema = z.object({
  results: z.array(
    z
      .object({
        externalId: z.string(),
        outcome: z.enum(['created', 'updated', 'unchanged']),
        remarks: z.array(z.string()).meta({ description: 'What was left out, and why.' }),
      })
      .meta({ id: 'BacklogResult', description: 'What an import made of one issue.' }),
  ),
});

/** A list in which each externalId stands once: two lines about one task would contradict each other. */
function batchOf<Schema extends z.ZodType<{ readonly externalId: string }>>(schema: Schema) {
  return z
    .array(schema)
    .max(maxBacklogBatchSize)
    .superRefine((items, context) => {
      const seen = new Set<string>();
      items.forEach(({ externalId }, i) => {
        if (seen.has(externalId)) {
          context.addIssue({
            code: 'custom',
            path: [i, 'externalId'],
            message: `${externalId} comes twice`,
          });
        }
        seen.add(externalId);
      });
    });
}

/** How a backlog comes in: its issues first, then their links. */
export const backlogEndpoints = [
  endpoint({
    method: 'POST',
    path: '/api/projects/:id/backlog',
    summary: 'Takes issues of a backlog in as tasks, known by their externalId.',
    description:
      'A task that the project does not have is created; of another, what the source says otherwise than at the last import is taken over. The results come in the order of the items.',
    permission: 'backlog:import',
    params: idParams,
    body: z.object({ items: batchOf(backlogItemSchema) }),
    bodyLimits: largeBodyLimits,
    answer: json(importResultsSchema),
    handle: async ({ call, params, body }, { backlog }) => ({
      results: await backlog.importItems(call, params.id, body.items),
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/projects/:id/backlog/links',
    summary: 'Links tasks that came from a backlog as their source does.',
    description:
      'What does not exist, or would close a cycle, is left out with a remark. The results come in the order of the links.',
    permission: 'backlog:import',
    params: idParams,
    body: z.object({ links: batchOf(backlogLinksSchema) }),
    bodyLimits: largeBodyLimits,
    answer: json(importResultsSchema),
    handle: async ({ call, params, body }, { backlog }) => ({
      results: await backlog.importLinks(call, params.id, body.links),
    }),
  }),
];
