import { createHash } from 'node:crypto';

/** Eight characters that stand for a text: the same for the same, others for nearly every other. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
