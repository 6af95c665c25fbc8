import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { clientAddress, trustHops } from '../../../src/http/boundary/client-address.ts';

const forwarded = [
  '',
  '192.0.2.1',
  '192.0.2.1, 198.51.100.2',
  ' 192.0.2.1 ,198.51.100.2,203.0.113.3 ',
  'unknown',
];

describe('[HT84] the address of a client', () => {
  it.each([
    [0, '127.0.0.1'],
    [1, '203.0.113.3'],
    [2, '198.51.100.2'],
    [3, '192.0.2.1'],
    [9, '192.0.2.1'],
  ])('behind %i proxies is what the outermost of them reports', async (hops, expected) => {
    const app = express().get('/', (req, res) => void res.send(clientAddress(hops)(req)));
    const reply = await request(app).get('/').set('x-forwarded-for', '192.0.2.1, 198.51.100.2, 203.0.113.3');
    expect(reply.text).toBe(expected);
  });

  it('is the one that Express finds, however the header is spelled', async () => {
    for (const hops of [0, 1, 2, 5]) {
      const app = express().set('trust proxy', hops);
      app.get('/', (req, res) => void res.json([req.ip, clientAddress(hops)(req)]));
      const trusting = express().set('trust proxy', trustHops(hops));
      trusting.get('/', (req, res) => void res.json([req.ip, clientAddress(hops)(req)]));
      for (const header of forwarded) {
        for (const listener of [app, trusting]) {
          const { body } = await request(listener).get('/').set('x-forwarded-for', header);
          expect(body[1], `${hops} proxies, ${header}`).toBe(body[0]);
        }
      }
    }
  });

  it('is empty when the connection is closed already', () => {
    expect(clientAddress(1)(new IncomingMessage(new Socket()))).toBe('');
  });
});
