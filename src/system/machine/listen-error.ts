import { StartError } from '../../domain/start-error.ts';
import { systemErrorCode } from '../../domain/values/system-error.ts';

/** The StartError for a server that cannot listen there; its message says what to do. */
export function toListenError(error: unknown, host: string, port: number): StartError {
  const code = systemErrorCode(error);
  const endpoint = `port ${port} of ${host}`;
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Another program listens on ${endpoint}: stop it, or set PORT to another; 0 takes a free one.`,
      error,
    );
  }
  if (code === 'EACCES')
    return new StartError(`You may not listen on ${endpoint}: set PORT to one above 1023.`, error);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new StartError(
      `HOST is ${host}, which is not an address of this machine: 127.0.0.1 is for this machine only.`,
      error,
    );
  }
  return new StartError(
    `Cannot listen on ${endpoint}: ${error instanceof Error ? error.message : error}.`,
    error,
  );
}
