import { z } from 'zod';
import { instantSchema, jsonObjectSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';

/** What an entry of a session's timeline may be about. */
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

/** One line of a session's story. */
export const timelineEntrySchema = z
  .object({
    id: idSchema,
    type: timelineTypeSchema,
    timestamp: instantSchema,
    message: z.string().max(100_000).optional(),
    taskId: idSchema.optional(),
    metadata: jsonObjectSchema.optional(),
  })
  .meta({ id: 'TimelineEntry', description: "One line of a session's story." });

/** Something that a session's tools noticed, as a file that changed. */
export const sessionActivitySchema = z
  .object({
    id: idSchema,
    timestamp: instantSchema,
    type: z.string().min(1).max(200),
    data: z.unknown().optional(),
  })
  .meta({ id: 'SessionEvent', description: "Something that a session's tools noticed." });

export type TimelineType = z.infer<typeof timelineTypeSchema>;
export type TimelineEntry = DeepReadonly<z.infer<typeof timelineEntrySchema>>;
export type SessionActivity = DeepReadonly<z.infer<typeof sessionActivitySchema>>;
