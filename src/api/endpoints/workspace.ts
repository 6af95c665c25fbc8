import { z } from 'zod';
import { json, stream } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { rawText } from '../text-fields.ts';

/** The largest entry, the content of a document, grows when it becomes a string in JSON once more. */
const importBodyLimits = { bytes: 32 * 1024 * 1024, keys: 100 };

const exportPageSchema = z
  .object({
    lines: z.array(z.string()).meta({ description: 'Each is a JSON object, and a line of the export.' }),
    next: z.string().nullable().meta({ description: 'The cursor of the next part; null behind the last.' }),
  })
  .meta({ id: 'ExportPage', description: 'A part of an export.' });

/** How everything comes out, and in again. */
export const workspaceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/export',
    summary: 'Writes down everything that is stored but tokens, part by part.',
    description:
      'All parts show one state: when anything changes meanwhile, the next part is refused and the export begins again.',
    permission: 'workspace:export',
    query: { cursor: z.string().max(4096).optional() },
    answer: json(exportPageSchema),
    errors: ['CONFLICT'],
    handle: ({ call, query }, { workspaceExport }) => workspaceExport.page(call, query.cursor),
  }),
  endpoint({
    method: 'GET',
    path: '/api/export/stream',
    summary: 'Writes down everything that is stored but tokens, as it is at this moment.',
    description:
      'The lines of JSON that an export has, the last of which says how many there are: without it the answer broke off. Others go on meanwhile.',
    permission: 'workspace:export',
    answer: stream('application/x-ndjson; charset=utf-8'),
    handle: ({ call }, { workspaceExport }) => workspaceExport.lines(call),
  }),
  endpoint({
    method: 'GET',
    path: '/api/backup',
    summary: 'Writes down everything that is stored with its history, as it is at this moment.',
    description:
      'Lines of JSON for `maestro-server restore`, the last of which says how many there are: without it the answer broke off. Others go on meanwhile. It needs a token for all projects.',
    permission: 'workspace:backup',
    answer: stream('application/x-ndjson; charset=utf-8'),
    handle: ({ call }, { workspaceBackup }) => workspaceBackup.lines(call),
  }),
  endpoint({
    method: 'POST',
    path: '/api/import',
    summary: 'Reads lines of an export into an empty store, some at a time and in their order.',
    permission: 'workspace:import',
    body: z.object({ lines: z.array(rawText(z.string())).min(1).max(10_000) }),
    bodyLimits: importBodyLimits,
    answer: json(z.object({ taken: z.int() })),
    errors: ['CONFLICT', 'ALREADY_EXISTS'],
    handle: ({ call, body }, { workspaceImport }) => workspaceImport.importLines(call, body.lines),
  }),
];
