import { constants } from 'node:os';

/** The wish of the operator that the process ends. */
export interface StopSignal {
  /** Resolves with the first signal. */
  readonly received: Promise<NodeJS.Signals>;
  /** Leaves signals to the process again. */
  readonly release: () => void;
}

/** Listens for SIGTERM and SIGINT from now on; the second of them ends the process at once. */
export function listenForStopSignal(): StopSignal {
  let release = () => {};
  const received = new Promise<NodeJS.Signals>((resolve) => {
    let isSecond = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (isSecond) process.exit(128 + constants.signals[signal]);
      isSecond = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    release = () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  });
  return { received, release };
}
