import { z } from 'zod';
import { instantSchema, jsonObjectSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';

/** The types of entries in the timeline of a session. */
export const timelineTypeSchema = z.enum([
  'session_started',
  'session_stopped',
  'task_started',
  'task_completed',
  'task_failed',
  'task_skipped',
  'task_blocked',
  'task_status_changed',
  'needs_input',
  'progress',
  'error',
  'milestone',
  'doc_added',
]);

/** One entry in the timeline of a session. */
export const timelineEntrySchema = z
  .object({
    id: idSchema,
    type: timelineTypeSchema,
    timestamp: instantSchema,
    message: z.string().max(100_000).optional(),
    taskId: idSchema.optional(),
    metadata: jsonObjectSchema.optional(),
  })
  .meta({ id: 'TimelineEntry', description: 'One entry in the timeline of a session.' });

/** Something that the tools of a session observed, such as a changed file. */
export const sessionActivitySchema = z
  .object({
    id: idSchema,
    timestamp: instantSchema,
    type: z.string().min(1).max(200),
    data: z.unknown().optional(),
  })
  .meta({
    id: 'SessionEvent',
    description: 'Something that the tools of a session observed, such as a changed file.',
  });

export type TimelineType = z.infer<typeof timelineTypeSchema>;
export type TimelineEntry = DeepReadonly<z.infer<typeof timelineEntrySchema>>;
export type SessionActivity = DeepReadonly<z.infer<typeof sessionActivitySchema>>;
