import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';

/** A document of a session. Its content is stored in a separate log. */
export const documentSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    sessionId: idSchema
      .nullable()
      .meta({ description: 'The session that has the document; null once that session is deleted.' }),
    sessionName: z.string().max(500),
    taskId: idSchema.optional(),
    title: z.string().trim().min(1).max(1000),
    filePath: z.string().min(1).max(4096),
    addedAt: instantSchema,
    addedBy: idSchema.meta({ description: 'The session that added it.' }),
    content: z
      .object({ log: idSchema, n: z.int().min(1), bytes: z.int().min(0) })
      .optional()
      .meta({ description: 'Where the content is stored: the log, the entry and the size in bytes.' }),
    version: versionSchema,
  })
  .meta({ id: 'DocumentRecord', description: 'A document of a session, without its content.' });

/** A document in lists of sessions and tasks; `content` only when it was requested. */
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

/** A document as the list of a task shows it. */
export const taskDocumentSchema = documentEntrySchema
  .extend({ sessionId: idSchema, sessionName: z.string() })
  .meta({ id: 'TaskDocument' });

/** The content of one document, as stored in the log. */
export const documentContentSchema = z.object({ documentId: idSchema, content: z.string() });

export type Document = DeepReadonly<z.infer<typeof documentSchema>>;
export type DocumentEntry = DeepReadonly<z.infer<typeof documentEntrySchema>>;

/** The document for a list, with its content when given. */
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
