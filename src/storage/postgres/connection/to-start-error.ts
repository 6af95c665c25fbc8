import { StartError } from '../../../domain/start-error.ts';

/** The StartError for a database that cannot be used, with the message of the innermost cause. */
export function toStartError(error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError(`The database cannot be used: ${innermostMessage(error)}`, error);
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return innermostMessage(error.cause);
  // The error of trying several addresses has an empty message.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first === undefined ? error.message : innermostMessage(first);
}
