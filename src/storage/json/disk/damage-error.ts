import { StartError } from '../../../domain/start-error.ts';

/** Where a data folder is damaged. */
export interface DamageLocation {
  /** The file, relative to the data folder. */
  readonly file: string;
  readonly line?: number | undefined;
  /** The newest transaction that is known to be whole. */
  readonly lastTx?: number | undefined;
}

/** The data folder holds something that cannot be what was committed; nothing is guessed. */
export class DamageError extends StartError {
  readonly location: DamageLocation;

  constructor(place: DamageLocation, what: string, cause?: unknown) {
    const line = place.line === undefined ? '' : `, line ${place.line}`;
    const last = place.lastTx === undefined ? '' : ` The last good transaction is ${place.lastTx}.`;
    const cut = `, or give up what follows: maestro-server check --repair --truncate-after ${place.lastTx}`;
    super(
      `The data folder is damaged: ${place.file}${line}: ${what}.${last} Restore the file or a backup${last === '' ? '' : cut}.`,
      cause,
    );
    this.location = place;
  }
}
