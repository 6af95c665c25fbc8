interface Bucket {
  tokens: number;
  /** When `tokens` was true, in milliseconds. */
  at: number;
}

/** What is left for one key after a take. */
export interface Take {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly left: number;
  /** Milliseconds until there is a token again, 0 while there is one. */
  readonly wait: number;
  /** Milliseconds until the bucket is full again. */
  readonly full: number;
}

const sweepAbove = 10_000;

/** A bucket of tokens for each key: `burst` may be taken at once, and each second brings `perSecond` back. */
export class TokenBuckets {
  readonly burst: number;
  readonly perSecond: number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(perSecond: number, burst: number, now: () => number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.#now = now;
  }

  /** For how many keys something is remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of this key, when there is one. */
  take(key: string): Take {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? this.#fill(key, now);
    bucket.tokens = this.#tokensOf(bucket, now);
    bucket.at = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const { tokens } = bucket;
    return {
      allowed,
      left: Math.floor(tokens),
      wait: tokens >= 1 ? 0 : ((1 - tokens) / this.perSecond) * 1000,
      full: ((this.burst - tokens) / this.perSecond) * 1000,
    };
  }

  /** Forgets the buckets that are full: as good as new ones. */
  sweep(): void {
    const now = this.#now();
    for (const [key, bucket] of this.#buckets) {
      if (this.#tokensOf(bucket, now) >= this.burst) this.#buckets.delete(key);
    }
  }

  #fill(key: string, now: number): Bucket {
    if (this.#buckets.size >= sweepAbove) this.sweep();
    const bucket = { tokens: this.burst, at: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #tokensOf({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.burst, tokens + ((now - at) / 1000) * this.perSecond);
  }
}
