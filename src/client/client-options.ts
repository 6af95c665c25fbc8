import type { Frame, ServerFrame } from '../realtime/protocol/frames.ts';
import type { ClientSocketConstructor, CredentialTransport } from './client-socket.ts';

/** A committed event as it arrives. */
export type ClientEvent = Exclude<Frame, ServerFrame>;

/** How a client fares. */
export type ClientState = 'connecting' | 'open' | 'waiting' | 'stopped';

/** What a client needs from its user. */
export interface ClientOptions {
  /** Where the server is, as `http://127.0.0.1:3000`; a function is asked on every connect. */
  readonly url: string | (() => string | Promise<string>);
  /**
   * Gives the token, on every connect; `renew` is true when the last one is no good any more. Undefined is for servers
   * that ask for none.
   */
  readonly token: (asked: { readonly renew: boolean }) => string | undefined | Promise<string | undefined>;
  /** Hears every event of the channels that are followed, once and in order. */
  readonly onEvent: (event: ClientEvent) => void;
  /**
   * Hears that the events since the last one are gone. Read the state again and return the position that its
   * X-Event-Position named for the channel's stream: the client goes on from there, or from the present without one.
   */
  readonly onPositionLost?: (channel: string) => string | undefined | Promise<string | undefined>;
  /** Hears that a channel is followed, and from which position. */
  readonly onFollowed?: (channel: string, position: string) => void;
  /** Hears that a channel is not followed any more, or cannot be, with the code of the reason. */
  readonly onEnded?: (channel: string, reason: string) => void;
  /** Hears how the client fares; `reason` says why it stopped. */
  readonly onState?: (state: ClientState, reason?: string) => void;
  /** What makes sockets; the global WebSocket by default. */
  readonly WebSocket?: ClientSocketConstructor;
  /** Where the token goes: in a header when a constructor was handed in, else in a subprotocol. */
  readonly credential?: CredentialTransport;
}
