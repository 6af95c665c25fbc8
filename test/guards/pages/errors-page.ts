import { type ErrorCode, errorCodes, errors, type RetryAdvice } from '../../../src/domain/errors.ts';
import { row, table } from './markdown-table.ts';

const retries: Readonly<Record<RetryAdvice, string>> = {
  never: 'not the same request again',
  later: 'the same request later',
  corrected: 'a corrected request now',
};

/** docs/errors.md: every error code with its status, its meaning and what a client does about it. */
export function errorsPage(statuses: Readonly<Record<ErrorCode, number>>): string {
  const rows = errorCodes.map((code) =>
    row(`\`${code}\``, `${statuses[code]}`, errors[code].meaning, retries[errors[code].retry]),
  );
  return `${intro}\n\n${table(['code', 'status', 'what it means', 'what to do'], rows)}\n`;
}

const intro = `# Errors

Every error this server answers with. Rendered from the catalogue in \`src/domain/errors.ts\` by \`npm run docs\`; do not edit
it here.

Every error has one shape, whatever the path:

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

\`code\` is for programs and does not change; \`message\` is for people and may. \`details\` is there when there is more to say.
The log has the whole fault under \`requestId\`, which is also the answer's \`X-Request-Id\`.`;
