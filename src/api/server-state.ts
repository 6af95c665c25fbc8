import type { StoreHealth } from '../application/store/store.ts';
import type { Reference } from '../http/reference/reference.ts';
import type { Endpoint } from './endpoint.ts';

/** What open endpoints may tell of the server: nothing that anyone stored. */
export interface ServerState {
  readonly version: string;
  /** Whether requests are answered: not while starting or stopping. */
  readonly ready: () => boolean;
  readonly storeHealth: () => StoreHealth;
  /** The catalogue that this server answers by. */
  readonly endpoints: readonly Endpoint[];
  readonly reference: Reference;
  /** What travels on sockets, described in AsyncAPI as JSON. */
  readonly asyncApi: () => string;
}
