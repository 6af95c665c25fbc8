import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const wildcards = ['0.0.0.0', '::'];

/** The hosts under which a server that listens on `host` is reached: `host`, or for a wildcard every address of this machine. */
export function ownHosts(host: string): string[] {
  if (!wildcards.includes(host)) return [host];
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address),
  );
}

/** The URL under which this machine reaches a server that listens on `host` and `port`. */
export function ownUrl(host: string, port: number): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}
