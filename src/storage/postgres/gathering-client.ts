import { Socket } from 'node:net';
import pg from 'pg';

/** A client that can send several statements together: each time it sends costs more than what it sends. */
export class GatheringClient extends pg.Client {
  readonly #socket: Socket;
  #gathering = false;

  constructor(config: pg.ClientConfig = {}) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.#socket = socket;
  }

  /** From now on until what the program does at once is done, statements are gathered and then sent together. */
  gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#gathering = false;
      this.#socket.uncork();
    });
  }
}
