import { AppError } from '../../domain/errors.ts';
import { findClosestMatch } from '../../domain/values/closest-match.ts';
import { type ClientFrame, type ClientFrameType, clientFrames } from './frames.ts';

/** A frame as far as it could be read: the frame, or what is wrong with it; the id in both cases when it has one. */
export type ParsedFrame = { readonly id: string | undefined } & (
  | { readonly frame: ClientFrame; readonly error?: undefined }
  | { readonly frame?: undefined; readonly error: AppError }
);

const types = Object.keys(clientFrames);

/** Reads what a client sent. */
export function parseFrame(text: string): ParsedFrame {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalidFrame(undefined, 'BAD_REQUEST', 'A frame is a JSON object, as {"type":"ping"}.');
  }
  const { type, id: given } = value as { readonly type?: unknown; readonly id?: unknown };
  const id = typeof given === 'string' && given.length <= 64 ? given : undefined;
  if (typeof type !== 'string' || !isClientFrameType(type)) {
    const meant = typeof type === 'string' ? findClosestMatch(type.slice(0, 64), types) : undefined;
    const hint = meant === undefined ? `known are ${types.join(', ')}` : `did you mean ${meant}?`;
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
