import { z } from 'zod';
import { rawText } from './text-fields.ts';

/** What a client says of a new document; its content may hold any characters. */
export const documentInputSchema = z.object({
  title: z.string().trim().min(1).max(1000),
  filePath: z.string().min(1).max(4096),
  content: rawText(z.string()).optional(),
});
