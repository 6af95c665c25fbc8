interface Bucket {
  tokens: number;
  /** When `tokens` was true, in milliseconds. */
  updatedAt: number;
}

/** What is left for one key after a take. */
export interface RateLimitResult {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds until there is a token again, 0 while there is one. */
  readonly retryAfter: number;
  /** Milliseconds until the bucket is full again. */
  readonly resetAfter: number;
}

const sweepThreshold = 10_000;

/** A bucket of tokens for each key: `burst` may be taken at once, and each second brings `perSecond` back. */
export class RateLimiter {
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
  take(key: string): RateLimitResult {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? this.#createBucket(key, now);
    bucket.tokens = this.#tokensOf(bucket, now);
    bucket.updatedAt = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const { tokens } = bucket;
    return {
      allowed,
      remaining: Math.floor(tokens),
      retryAfter: tokens >= 1 ? 0 : ((1 - tokens) / this.perSecond) * 1000,
      resetAfter: ((this.burst - tokens) / this.perSecond) * 1000,
    };
  }

  /** Forgets the buckets that are full: as good as new ones. */
  sweep(): void {
    const now = this.#now();
    for (const [key, bucket] of this.#buckets) {
      if (this.#tokensOf(bucket, now) >= this.burst) this.#buckets.delete(key);
    }
  }

  #createBucket(key: string, now: number): Bucket {
    if (this.#buckets.size >= sweepThreshold) this.sweep();
    const bucket = { tokens: this.burst, updatedAt: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #tokensOf({ tokens, updatedAt }: Bucket, now: number): number {
    return Math.min(this.burst, tokens + ((now - updatedAt) / 1000) * this.perSecond);
  }
}
