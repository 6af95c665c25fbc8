import type { RawData, WebSocket } from 'ws';

/** Handles the events of sockets. */
export interface SocketListener {
  message(ws: WebSocket, data: RawData, isBinary: boolean): void;
  pong(ws: WebSocket): void;
  error(ws: WebSocket, error: Error): void;
  close(ws: WebSocket, code: number): void;
}

/**
 * Creates the function that attaches the listener to a socket. All sockets share the same functions, as separate ones
 * would be a large part of the memory of an idle socket.
 */
export function createListenerBinder(listener: SocketListener): (ws: WebSocket) => void {
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    listener.message(this, data, isBinary);
  }
  function onPong(this: WebSocket): void {
    listener.pong(this);
  }
  function onError(this: WebSocket, error: Error): void {
    listener.error(this, error);
  }
  function onClose(this: WebSocket, code: number): void {
    listener.close(this, code);
  }
  return (ws) => {
    ws.on('message', onMessage).on('pong', onPong).on('error', onError).on('close', onClose);
  };
}
