import { StartError } from '../../../domain/start-error.ts';

/** Why a database cannot be used, with what it said itself. */
export function toStartError(fault: unknown): StartError {
  if (fault instanceof StartError) return fault;
  return new StartError(`The database cannot be used: ${innermost(fault)}`, fault);
}

function innermost(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  if (fault.cause !== undefined) return innermost(fault.cause);
  // What tries several addresses fails without a word of its own.
  const [first] = fault instanceof AggregateError ? fault.errors : [];
  return first === undefined ? fault.message : innermost(first);
}
