import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startIdentity, type Identity } from './identity.js';
import { useIdentity } from './testing/use-identity.js';
import type { PortBlock } from '../processes/ports.js';

let ports: PortBlock;
let identity: Identity;

useIdentity((started, itsPorts) => {
  [identity, ports] = [started, itsPorts];
});

function verify(token: string, from = identity) {
  const { issuer, audience, algorithm } = identity;
  const keys = createRemoteJWKSet(new URL(from.jwksUrl));
  return jwtVerify(token, keys, { issuer, audience, algorithms: [algorithm] });
}

describe('the development identity', () => {
  it('mints tokens that its key set verifies, with the claims asked for', async () => {
    const token = await identity.mintToken({
      permissions: ['cluster:view'],
      subject: 'ann',
      clusters: ['a'],
      namespaces: [],
      extra: { scope: 'x' },
    });
    const { payload } = await verify(token);
    expect(payload).toMatchObject({
      sub: 'ann',
      permissions: ['cluster:view'],
      clusters: ['a'],
      namespaces: [],
      scope: 'x',
    });
  });

  it('says nothing about clusters unless asked to: a token without the claim is for all', async () => {
    const { payload } = await verify(await identity.mintToken({ permissions: [] }));
    expect(payload).not.toHaveProperty('clusters');
  });

  it.each([
    ['expired', { expiresIn: '-1s' }, '"exp" claim timestamp check failed'],
    ['of another issuer', { issuer: 'http://elsewhere' }, 'unexpected "iss" claim value'],
    ['for another audience', { audience: 'elsewhere' }, 'unexpected "aud" claim value'],
  ])('mints one that is %s when a test wants it', async (_, claims, fault) => {
    const token = await identity.mintToken({ permissions: ['cluster:view'], ...claims });
    await expect(verify(token)).rejects.toThrow(fault);
  });

  it('has a key of its own: the tokens of another stack are no good', async () => {
    const other = await startIdentity(await ports.next());
    try {
      const { issuer } = identity;
      const token = await other.mintToken({ permissions: ['cluster:manage'], issuer });
      await expect(verify(token)).rejects.toThrow('signature verification failed');
    } finally {
      await other.stop();
    }
  });
});
