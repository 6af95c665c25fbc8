/** Where sockets write what happened to them. */
export interface SocketLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}
