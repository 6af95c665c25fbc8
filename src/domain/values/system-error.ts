/** What the codes of the operating system mean for somebody who has to do something about it. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENOENT: 'it does not exist, and nothing can be made there',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a cycle',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the disk reports an error',
};

/** An error that the operating system reported about a file or folder. */
export interface SystemError {
  readonly code: string;
  /** The file or folder that it is about. */
  readonly path: string;
  /** What is wrong with it, as a part of a sentence. */
  readonly reason: string;
}

/** What the operating system reported about a file or folder; undefined for every other error. */
export function parseSystemError(error: unknown): SystemError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined;
  const { code, path } = error;
  if (typeof code !== 'string' || typeof path !== 'string') return undefined;
  return { code, path, reason: reasons[code] ?? `the operating system reports ${code}` };
}

/** The code of an error as Node and the operating system give it, such as ENOENT; undefined for an error without one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
