import { z } from 'zod';
import { validationError } from '../../domain/errors.ts';
import { idSchema } from '../../domain/values/id.ts';
import { logKinds } from '../store/collections.ts';
import { exportedKinds } from './workspace-lines.ts';

const exportCursorSchema = z.strictObject({
  /** Stands for the state of everything when the export began. */
  state: z.string(),
  /** How many lines there have been. */
  count: z.int().min(0),
  kind: z.enum(exportedKinds),
  /** The last entity that was written, and the last entry of its logs if it has any. */
  after: z.object({ key: z.union([z.string(), z.number()]), id: idSchema }).optional(),
  log: z.object({ kind: z.enum(logKinds), n: z.int().min(0) }).optional(),
});

/** Where a part of an export ended. */
export type ExportCursor = z.infer<typeof exportCursorSchema>;

/** The text of a cursor. */
export function encodeExportCursor(cursor: ExportCursor): string {
  return btoa(JSON.stringify(cursor)).replaceAll('+', '-').replaceAll('/', '_');
}

/** The cursor of a text. Throws VALIDATION_ERROR when it is not one that an export gave. */
export function decodeExportCursor(text: string): ExportCursor {
  try {
    return exportCursorSchema.parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch {
    throw validationError('cursor', 'is not one that an export gave');
  }
}
