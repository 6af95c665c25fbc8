const secretPattern = /\bBearer\s+[^\s"']+|\beyJ[\w-]+(?:\.[\w-]*){0,4}/gi;
const maxCauseDepth = 5;

/** The text without bearer tokens and JWTs. */
function redact(text: string): string {
  return text.replace(secretPattern, '[secret]');
}

/** An error as it is logged: type, message, code, stack and causes, without credentials. */
export function loggableError(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error, message: redact(String(error)) };
  return {
    type: error.name,
    message: redact(error.message),
    ...('code' in error ? { code: error.code } : {}),
    stack: redact(error.stack ?? ''),
    ...(error.cause === undefined || depth >= maxCauseDepth
      ? {}
      : { cause: loggableError(error.cause, depth + 1) }),
  };
}
