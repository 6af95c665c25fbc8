/** How much of each stream of events is kept. */
export interface Retention {
  /** At most so many events. */
  readonly events: number;
  /** None that is older than so many milliseconds when the next one is committed. */
  readonly ageMs: number;
}

/** 50,000 events of 7 days at most. */
export const defaultRetention: Retention = { events: 50_000, ageMs: 7 * 24 * 60 * 60 * 1000 };

/** Keeps every event: what a restore and a check work with. */
export const unlimitedRetention: Retention = {
  events: Number.POSITIVE_INFINITY,
  ageMs: Number.POSITIVE_INFINITY,
};
