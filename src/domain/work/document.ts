import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';

/** What a session wrote down: where it is, and what it is about. Its content lies in a log of its own. */
export const documentSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    sessionId: idSchema
      .nullable()
      .meta({ description: 'The session that holds it; null once that is deleted.' }),
    sessionName: z.string().max(500),
    taskId: idSchema.optional(),
    title: z.string().trim().min(1).max(1000),
    filePath: z.string().min(1).max(4096),
    addedAt: instantSchema,
    addedBy: idSchema.meta({ description: 'The session that added it.' }),
    content: z
      .object({ log: idSchema, n: z.int().min(1), bytes: z.int().min(0) })
      .optional()
      .meta({ description: 'Where the content lies: which log, which entry, how many bytes.' }),
    version: versionSchema,
  })
  .meta({ id: 'DocumentRecord', description: 'What a session wrote down, without the content.' });

/** A document as sessions and tasks list it; `content` only where it was asked for. */
export const documentEntrySchema = z
  .object({
    id: idSchema,
    title: z.string(),
    filePath: z.string(),
    content: z.string().optional(),
    taskId: idSchema.optional(),
    addedAt: instantSchema,
    addedBy: idSchema,
  })
  .meta({ id: 'Document', description: 'A document of a session.' });

/** The content of one document, as its log holds it. */
export const documentContentSchema = z.object({ documentId: idSchema, content: z.string() });

export type Document = DeepReadonly<z.infer<typeof documentSchema>>;
export type DocumentEntry = DeepReadonly<z.infer<typeof documentEntrySchema>>;

/** The document as lists show it. */
export function toDocumentEntry(document: Document, content?: string): DocumentEntry {
  const { id, title, filePath, taskId, addedAt, addedBy } = document;
  return {
    id,
    title,
    filePath,
    ...(content === undefined ? {} : { content }),
    ...(taskId === undefined ? {} : { taskId }),
    addedAt,
    addedBy,
  };
}
