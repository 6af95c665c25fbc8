import { StartError } from '../../../domain/start-error.ts';

/** The data folder cannot be opened because another process uses it. */
export class FolderInUseError extends StartError {}
