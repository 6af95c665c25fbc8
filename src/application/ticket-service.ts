import type { Actor } from '../domain/access.ts';
import type { Call } from './call.ts';

const lifetimeMs = 30_000;
const mostTickets = 10_000;

/** A ticket for one handshake. */
export interface Ticket {
  readonly ticket: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** One-time tickets for sockets of clients that can set neither a header nor a subprotocol; only their hashes are kept. */
export class TicketService {
  readonly #now: () => number;
  readonly #holders = new Map<string, { readonly actor: Actor; readonly expiresAt: number }>();

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new ticket for the caller, good for 30 seconds and one use. */
  async issue({ actor }: Call): Promise<Ticket> {
    const ticket = hex(crypto.getRandomValues(new Uint8Array(32)));
    const hash = await hashOf(ticket);
    const expiresAt = this.#now() + lifetimeMs;
    this.#makeRoom();
    this.#holders.set(hash, { actor, expiresAt });
    return { ticket, expiresAt };
  }

  /** Whom the ticket was made for, undefined when it is none, was used or is too old; it is no good afterwards. */
  async redeem(ticket: string): Promise<Actor | undefined> {
    const hash = await hashOf(ticket);
    const holder = this.#holders.get(hash);
    this.#holders.delete(hash);
    return holder !== undefined && holder.expiresAt > this.#now() ? holder.actor : undefined;
  }

  /** The oldest stand first, and end first. */
  #makeRoom(): void {
    for (const [hash, { expiresAt }] of this.#holders) {
      if (expiresAt > this.#now() && this.#holders.size < mostTickets) return;
      this.#holders.delete(hash);
    }
  }
}

async function hashOf(ticket: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(ticket))));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
