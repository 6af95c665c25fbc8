const secrets = /\bBearer\s+[^\s"']+|\beyJ[\w-]+(?:\.[\w-]*){0,4}/gi;
const deepestCause = 5;

/** The text without bearer tokens and JWTs. */
function scrubbed(text: string): string {
  return text.replace(secrets, '[secret]');
}

/** What the log tells of an error: its type, message, code, stack and causes, without credentials. */
export function scrubbedError(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error, message: scrubbed(String(error)) };
  return {
    type: error.name,
    message: scrubbed(error.message),
    ...('code' in error ? { code: error.code } : {}),
    stack: scrubbed(error.stack ?? ''),
    ...(error.cause === undefined || depth >= deepestCause
      ? {}
      : { cause: scrubbedError(error.cause, depth + 1) }),
  };
}
