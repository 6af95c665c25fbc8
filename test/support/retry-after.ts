import { expect } from 'vitest';
import { type ErrorCode, errors } from '../../src/domain/errors.ts';

/** Expects the header of an answer with this code to be what the advice of the catalogue asks for. */
export function expectRetryAfter(code: ErrorCode, header: unknown): void {
  if (errors[code].retry === 'later') expect(Number(header), code).toBeGreaterThan(0);
  else expect(header, code).toBeUndefined();
}
