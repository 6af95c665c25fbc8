import type { Session } from './session.ts';

/** How long a session may go without a report, in milliseconds. */
export interface SessionTimeouts {
  /** Before it has started: until it is claimed, and again until it reports. */
  readonly startMs: number;
  /** While it is working. */
  readonly staleMs: number;
}

/** What to do about a session that does not report. */
export type LivenessAction =
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'mark stale' };

/** What to do about a session at `now`; undefined while it is in time, or when it has been done already. */
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
        : `Never started: ${launch.launcherId} claimed the launch, but the session did not report within ${seconds} seconds.`;
    return { kind: 'fail', reason };
  }
  // A session that waits for a person has nothing to report.
  if (status !== 'working' || stale !== undefined || needsInput?.active) return undefined;
  return now >= lastActivity + staleMs ? { kind: 'mark stale' } : undefined;
}
