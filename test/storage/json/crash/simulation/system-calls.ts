/** One thing that a process asks of the operating system. */
export interface SystemCall {
  readonly operation:
    | 'list'
    | 'stat'
    | 'read'
    | 'volume'
    | 'open'
    | 'close'
    | 'makeFolder'
    | 'create'
    | 'write'
    | 'sync'
    | 'rename'
    | 'remove'
    | 'syncFolder';
  readonly path: string;
}

/** What happens to the steps of a process. */
export interface CallInterceptor {
  /** Called before each step; what it throws is what happens instead. */
  before?: (step: SystemCall) => void;
  /** A step that can take time does, until this resolves. */
  pause?: (step: SystemCall) => Promise<void> | undefined;
}

/** A fault that lets half of what is to be written through. */
export class ShortWriteError extends Error {
  readonly code = 'ENOSPC';
}
