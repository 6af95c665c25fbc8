import { mkdirSync, openSync } from 'node:fs';
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

/** What is logged, how it looks and where it goes. */
export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'json' | 'pretty';
  /** A file to append to, or the descriptor of an open one. */
  readonly target: string | number;
}

/** A log, and what writes out the rest of it. */
export interface OpenLog {
  readonly log: Logger;
  readonly flush: () => void;
}

const credentials = /\bBearer\s+[^\s"\\]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** Opens a log in which no bearer token appears, wherever it came from. Throws StartError for a file it cannot open. */
export function openLog({ level, format, target }: LogSettings): OpenLog {
  const sink = destination({ dest: typeof target === 'number' ? target : appending(target), sync: false });
  const stream: DestinationStream =
    format === 'json' ? sink : { write: (line) => void sink.write(prettyLine(line)) };
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { error: stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => line.replace(credentials, '[secret]') },
    },
    stream,
  );
  return { log, flush: () => sink.flushSync() };
}

function appending(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, 'a', 0o600);
  } catch (error) {
    throw new StartError(`LOG_FILE names ${file}, which cannot be written.`, error);
  }
}
