import { AppError } from '../../domain/errors.ts';
import { findClosestMatch } from '../../domain/values/closest-match.ts';
import { type ClientFrame, type ClientFrameType, clientFrames } from './frames.ts';

/** The result of parsing a frame: the frame or its error, and its id if it has one. */
export type ParsedFrame = { readonly id: string | undefined } & (
  | { readonly frame: ClientFrame; readonly error?: undefined }
  | { readonly frame?: undefined; readonly error: AppError }
);

const types = Object.keys(clientFrames);

/** Parses a frame of a client. */
export function parseFrame(text: string): ParsedFrame {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalidFrame(undefined, 'BAD_REQUEST', 'A frame must be a JSON object, as in {"type":"ping"}.');
  }
  const { type, id: rawId } = value as { readonly type?: unknown; readonly id?: unknown };
  const id = typeof rawId === 'string' && rawId.length <= 64 ? rawId : undefined;
  if (typeof type !== 'string' || !isClientFrameType(type)) {
    const match = typeof type === 'string' ? findClosestMatch(type.slice(0, 64), types) : undefined;
    const hint = match === undefined ? `known are ${types.join(', ')}` : `did you mean ${match}?`;
    return invalidFrame(id, 'UNKNOWN_TYPE', `The protocol has no such type of frame; ${hint}`);
  }
  const result = clientFrames[type].safeParse(value);
  if (result.success) return { id, frame: result.data };
  const [issue] = result.error.issues;
  return invalidFrame(id, 'BAD_REQUEST', `${issue?.path.join('.') || type}: ${issue?.message}`.slice(0, 300));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isClientFrameType(type: string): type is ClientFrameType {
  return Object.hasOwn(clientFrames, type);
}

function invalidFrame(
  id: string | undefined,
  code: 'BAD_REQUEST' | 'UNKNOWN_TYPE',
  message: string,
): ParsedFrame {
  return { id, error: new AppError(code, message) };
}
