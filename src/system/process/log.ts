import { existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { StartError } from '../../domain/start-error.ts';
import { prettyLine } from './pretty-line.ts';

/** The least level that is logged, the format and the destination. */
export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'json' | 'pretty';
  /** The path of a file to append to, or an open file descriptor. */
  readonly target: string | number;
}

/** An open log. */
export interface OpenLog {
  readonly log: Logger;
  /** Writes out what is still buffered. */
  readonly flush: () => void;
  /** Opens the file again under its name, after it was renamed; does nothing without a file. Throws StartError. */
  readonly reopen: () => void;
}

const tokenPattern = /\bBearer\s+[^\s"\\]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** Opens a log that replaces every bearer token by `[secret]`. Throws StartError for a file that cannot be opened. */
export function openLog({ level, format, target }: LogSettings): OpenLog {
  const open = () =>
    destination({ dest: typeof target === 'number' ? target : openForAppend(target), sync: false });
  let sink = open();
  const stream: DestinationStream = {
    write: (line) => void sink.write(format === 'json' ? line : prettyLine(line)),
  };
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { error: stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => line.replace(tokenPattern, '[secret]') },
    },
    stream,
  );
  return {
    log,
    flush: () => sink.flushSync(),
    reopen() {
      if (typeof target === 'number') return;
      const previous = sink;
      sink = open();
      previous.end();
    },
  };
}

function openForAppend(file: string): number {
  try {
    makeFolder(dirname(file));
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new StartError(`LOG_FILE names ${file}, which cannot be written.`, error);
  }
}

/** Makes the folder and its missing parents. Not with "recursive" of Node, which tries for ever in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
