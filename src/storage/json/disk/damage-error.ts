import { StartError } from '../../../domain/start-error.ts';

/** Where a data folder is damaged. */
export interface DamageLocation {
  /** The file, relative to the data folder. */
  readonly file: string;
  readonly line?: number | undefined;
  /** The newest transaction that is known to be whole. */
  readonly lastTx?: number | undefined;
}

const restoreBackup =
  'Put the file back, or restore a backup into another folder: maestro-server restore FILE';

/** The data folder holds something that cannot be what was committed; nothing is guessed. */
export class DamageError extends StartError {
  readonly location: DamageLocation;

  /** `remedy` is a sentence that says what mends it; a backup does when it is left out. */
  constructor(place: DamageLocation, what: string, cause?: unknown, remedy?: string) {
    const line = place.line === undefined ? '' : `, line ${place.line}`;
    const last = place.lastTx === undefined ? '' : ` The last good transaction is ${place.lastTx}.`;
    const cut = `, or give up what follows: maestro-server check --repair --truncate-after ${place.lastTx}`;
    super(
      `The data folder is damaged: ${place.file}${line}: ${what}.${last} ${remedy ?? `${restoreBackup}${last === '' ? '' : cut}.`}`,
      cause,
    );
    this.location = place;
  }
}
