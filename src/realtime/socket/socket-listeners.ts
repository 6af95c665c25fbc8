import type { RawData, WebSocket } from 'ws';

/** What hears of sockets. */
export interface SocketListener {
  message(ws: WebSocket, data: RawData, isBinary: boolean): void;
  pong(ws: WebSocket): void;
  error(ws: WebSocket, error: Error): void;
  close(ws: WebSocket, code: number): void;
}

/**
 * Makes what attaches the listener to a socket: with the same functions for all, as functions of its own would be a
 * good part of what an idle socket weighs.
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
