import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ownHosts, ownUrl } from '../../../src/system/machine/own-hosts.ts';

describe('[PR6] where a server is reached', () => {
  it('is the address it listens on', () => {
    expect(ownHosts('127.0.0.1')).toEqual(['127.0.0.1']);
    expect(ownHosts('board.example')).toEqual(['board.example']);
  });

  it('is every address of the machine when it listens on all', () => {
    const addresses = Object.values(networkInterfaces()).flatMap((some = []) =>
      some.map(({ address }) => address),
    );
    for (const host of ['0.0.0.0', '::']) expect(ownHosts(host)).toEqual(addresses);
    expect(addresses).toContain('127.0.0.1');
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['localhost', 'http://localhost:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://[::1]:80'],
    ['fe80::1', 'http://[fe80::1]:80'],
  ])('on %s is %s', (host, url) => {
    expect(ownUrl(host, 80)).toBe(url);
  });
});
