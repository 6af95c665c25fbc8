/** As much of a WebSocket as the client needs: that of browsers, of Node and of the package ws have it. */
export interface ClientSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
}

/** Makes such sockets. */
export type ClientSocketConstructor = new (
  url: string,
  protocols: string[],
  options?: { headers: Record<string, string> },
) => ClientSocket;

/** How the token travels: only some constructors can set a header, and every one can offer a subprotocol. */
export type CredentialTransport = 'header' | 'subprotocol';

/** Opens a socket to the server at `url`, which is that of its REST side, with the token in its place. */
export function openSocket(
  Constructor: ClientSocketConstructor,
  url: string,
  token: string | undefined,
  place: CredentialTransport,
): ClientSocket {
  const address = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`;
  if (token === undefined) return new Constructor(address, ['maestro.v1']);
  return place === 'header'
    ? new Constructor(address, ['maestro.v1'], { headers: { Authorization: `Bearer ${token}` } })
    : new Constructor(address, ['maestro.v1', `maestro.bearer.${token}`]);
}

/** The WebSocket of this platform. Throws when it has none. */
export function globalWebSocket(): ClientSocketConstructor {
  const WebSocket: ClientSocketConstructor | undefined = Reflect.get(globalThis, 'WebSocket');
  if (WebSocket === undefined) {
    throw new Error('This platform has no WebSocket: hand one in as `WebSocket`, as that of the package ws.');
  }
  return WebSocket;
}
