/** The log that sockets write to. */
export interface SocketLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}
