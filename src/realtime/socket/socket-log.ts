/** Where sockets write what happened to them. */
export interface RealtimeLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}
