import { createHmac, createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { newToken, type TokenRequest } from '../../../src/domain/access/token.ts';
import { AccessTokens } from '../../../src/system/credentials/access-tokens.ts';

const start = 1_770_000_000_000;
const secretText = 'a secret of more than thirty-two bytes';
const secret = createSecretKey(Buffer.from(secretText));

let now = start;
const tokens = new AccessTokens(secret, () => now);
const record = (request: TokenRequest) => newToken(request, 'admin', start);

const claims = {
  iss: 'maestro-server',
  aud: 'maestro-api',
  sub: 'ada',
  jti: 'tok_1',
  iat: start / 1000,
  exp: start / 1000 + 3600,
  role: 'member',
  projects: ['proj_1'],
};

/** Signs whatever it is given, as a careless or hostile holder of the secret would. */
function forge(header: object, payload: object, hash = 'sha256'): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, secretText).update(text).digest('base64url')}`;
}

const hs256 = { alg: 'HS256', typ: 'JWT' };

function read(token: string, at = start) {
  now = at;
  return tokens.read(token);
}

describe('[AU1] a token', () => {
  it('names its bearer, role, projects, session and end', () => {
    const agent = record({ role: 'agent', projects: ['proj_1'], sessionId: 'sess_1', lifetime: 90 });
    expect(read(tokens.sign(agent))).toEqual({
      id: agent.id,
      role: 'agent',
      projects: new Set(['proj_1']),
      sessionId: 'sess_1',
      tokenId: agent.id,
      expiresAt: start + 90_000,
    });
    const admin = record({ role: 'admin', projects: ['*'], subject: 'ada' });
    expect(read(tokens.sign(admin))).toMatchObject({ id: 'ada', role: 'admin', projects: '*' });
  });

  it('is the same whenever its record is signed', () => {
    const one = record({ role: 'viewer', projects: ['proj_1'] });
    const first = tokens.sign(one);
    now = start + 86_400_000;
    expect(tokens.sign(one)).toBe(first);
  });

  it('is taken as any program would make it', () => {
    expect(read(jwt.sign(claims, secretText, { algorithm: 'HS256' }))).toMatchObject({ id: 'ada' });
    expect(read(forge(hs256, claims))).toMatchObject({ id: 'ada' });
  });
});

describe('[AU2] refused is', () => {
  const refused = (token: string, at = start) =>
    expect(() => read(token, at)).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));

  it.each(['', 'x', 'a.b.c', '..', 'null', `${forge(hs256, claims)}.`, `${forge(hs256, claims)}x`])(
    'what is no token: %j',
    (token) => refused(token),
  );

  it('another secret, and a token changed after it was signed', () => {
    refused(jwt.sign(claims, 'another secret of thirty-two bytes.', { algorithm: 'HS256' }));
    const [header, , signature] = forge(hs256, claims).split('.');
    const raised = Buffer.from(JSON.stringify({ ...claims, role: 'admin', projects: ['*'] })).toString(
      'base64url',
    );
    refused(`${header}.${raised}.${signature}`);
  });

  it('any algorithm but HMAC with SHA-256', () => {
    refused(forge({ alg: 'HS512' }, claims, 'sha512'));
    refused(forge({ alg: 'HS384' }, claims, 'sha384'));
    const [header, payload] = forge({ alg: 'none' }, claims).split('.');
    refused(`${header}.${payload}.`);
    refused(forge({ alg: 'none' }, claims));
    refused(forge({ alg: 'hs256' }, claims));
  });

  it.each(['crit', 'jku', 'jwk', 'x5u', 'x5c', 'kid', 'zip'])('a header with %s', (field) => {
    refused(forge({ ...hs256, [field]: field === 'crit' ? ['exp'] : 'https://evil.example/keys' }, claims));
  });

  it.each(['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'role', 'projects'])('a token without %s', (claim) => {
    refused(forge(hs256, { ...claims, [claim]: undefined }));
  });

  it.each([
    ['iss', 'someone-else'],
    ['aud', 'another-api'],
    ['aud', ['maestro-api', 'another-api']],
    ['sub', ''],
    ['jti', '../x'],
    ['exp', `${claims.exp}`],
    ['iat', -1],
    ['role', 'root'],
    ['projects', 'proj_1'],
    ['projects', ['*', 'proj_1']],
    ['projects', ['../x']],
    ['session', '../x'],
  ])('the claim %s as %j', (claim, value) => {
    refused(forge(hs256, { ...claims, [claim]: value }));
  });

  it('one that has expired, half a minute past its end', () => {
    const token = forge(hs256, claims);
    expect(read(token, claims.exp * 1000 + 29_999)).toMatchObject({ id: 'ada' });
    refused(token, claims.exp * 1000 + 30_000);
  });

  it('one from more than a minute ahead, or not to be used yet', () => {
    const later = { ...claims, iat: claims.iat + 60 };
    expect(read(forge(hs256, later))).toMatchObject({ id: 'ada' });
    refused(forge(hs256, { ...later, iat: later.iat + 1 }));
    refused(forge(hs256, { ...claims, nbf: claims.iat + 31 }));
  });

  it('one of more than 4 KiB', () => {
    const long = (length: number) => forge(hs256, { ...claims, more: 'x'.repeat(length) });
    expect(read(long(2000))).toMatchObject({ id: 'ada' });
    expect(long(3000).length).toBeGreaterThan(4096);
    refused(long(3000));
  });
});
