import { createHash } from 'node:crypto';

/** The first eight characters of the SHA-256 of a text in base64url: enough to see that two texts differ. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
