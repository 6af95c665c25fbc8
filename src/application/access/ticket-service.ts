import type { Actor } from '../../domain/access/access.ts';
import { toActor, toIdentity } from '../../domain/access/identity.ts';
import { ticketLifetimeMs } from '../../domain/access/ticket.ts';
import type { Store } from '../store/store.ts';
import type { Call } from './call.ts';
import { hexOf, sha256Of } from './sha256.ts';

/** A ticket for one handshake. */
export interface Ticket {
  readonly ticket: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** One-time tickets for sockets of clients that can set neither a header nor a subprotocol; only their hashes are kept. */
export class TicketService {
  readonly #store: Store;
  readonly #now: () => number;

  /** `now` gives epoch milliseconds. */
  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** A new ticket for the caller, good for 30 seconds and one use, at whichever server of the store. */
  async issue({ actor }: Call): Promise<Ticket> {
    const ticket = hexOf(crypto.getRandomValues(new Uint8Array(32)));
    const id = await sha256Of(ticket);
    const createdAt = this.#now();
    await this.#store.transaction(actor.id, async (tx) => {
      await tx.tickets.insert({ id, holder: toIdentity(actor), createdAt, version: 1 });
    });
    return { ticket, expiresAt: createdAt + ticketLifetimeMs };
  }

  /** Whom the ticket was made for, undefined when it is none, was used or is too old; it is no good afterwards. */
  async redeem(ticket: string): Promise<Actor | undefined> {
    const id = await sha256Of(ticket);
    // Whoever only guesses causes no change.
    if ((await this.#store.read((reader) => reader.tickets.get(id))) === undefined) return undefined;
    const { value: held } = await this.#store.transaction('server', async (tx) => {
      const present = await tx.tickets.get(id);
      if (present !== undefined) await tx.tickets.delete(id);
      return present;
    });
    if (held === undefined || held.createdAt + ticketLifetimeMs <= this.#now()) return undefined;
    return toActor(held.holder);
  }
}
