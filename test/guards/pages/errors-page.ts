import { type ErrorCode, errorCodes, errors, type RetryAdvice } from '../../../src/domain/errors.ts';
import { row, table } from './markdown-table.ts';

const retries: Readonly<Record<RetryAdvice, string>> = {
  never: 'no',
  later: 'the same request, later',
  corrected: 'a corrected request',
};

/** docs/errors.md: every error code with its status, its meaning and what a client does about it. */
export function errorsPage(statuses: Readonly<Record<ErrorCode, number>>): string {
  const rows = errorCodes.map((code) =>
    row(`\`${code}\``, `${statuses[code]}`, errors[code].meaning, retries[errors[code].retry]),
  );
  return `${intro}\n\n${table(['code', 'status', 'meaning', 'retry'], rows)}\n`;
}

const intro = `# Errors

Every error this server answers with, over HTTP and in the frames of sockets. Rendered from the catalogue in \`src/domain/errors.ts\` by \`npm run docs\`; do not edit
it here.

Every error has the same shape:

\`\`\`json
{
  "error": true,
  "statusCode": 404,
  "code": "NOT_FOUND",
  "message": "There is no task task_1.",
  "details": { "kind": "task", "id": "task_1" },
  "requestId": "…"
}
\`\`\`

\`code\` is for programs and does not change; \`message\` is for people and may change. Some errors have \`details\`. The log
of the server has the full error under \`requestId\`, which is also the \`X-Request-Id\` of the answer.`;
