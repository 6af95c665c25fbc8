import type { Session } from './session.ts';

/** How long a session may be silent, in milliseconds. */
export interface SessionTimeouts {
  /** Before it has started: to be claimed, and then to report. */
  readonly startMs: number;
  /** While it works. */
  readonly staleMs: number;
}

/** What is to be done about a session that is silent. */
export type LivenessAction =
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'mark stale' };

/** What its silence makes of a session at this instant, undefined while it is in time or has been judged. */
export function checkLiveness(
  session: Session,
  now: number,
  { startMs, staleMs }: SessionTimeouts,
): LivenessAction | undefined {
  const { status, startedAt, launch, lastActivity, stale, needsInput } = session;
  if (status === 'spawning') {
    if (now < (launch?.claimedAt ?? startedAt) + startMs) return undefined;
    const seconds = Math.round(startMs / 1000);
    const reason =
      launch?.claimedBy === undefined
        ? `Never started: nobody claimed the launch within ${seconds} seconds.`
        : `Never started: ${launch.launcherId} claimed the launch, and nothing was heard of it for ${seconds} seconds.`;
    return { kind: 'fail', reason };
  }
  // Who waits for a person has reason to be silent.
  if (status !== 'working' || stale !== undefined || needsInput?.active) return undefined;
  return now >= lastActivity + staleMs ? { kind: 'mark stale' } : undefined;
}
