import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

const wildcards = ['0.0.0.0', '::'];

/** The names and addresses by which others reach what listens on `host`: itself, or every address of this machine. */
export function ownHosts(host: string): string[] {
  if (!wildcards.includes(host)) return [host];
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address),
  );
}

/** The URL of what listens on `host` and `port`, as this machine reaches it. */
export function ownUrl(host: string, port: number): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIP(reached) === 6 ? `[${reached}]` : reached}:${port}`;
}
