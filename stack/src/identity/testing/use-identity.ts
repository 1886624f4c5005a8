import { afterEach, beforeEach } from '@jest/globals';
import { reservePorts, type PortBlock } from '../../processes/ports.js';
import { startIdentity, type Identity } from '../identity.js';

/** Starts an identity before each test of a file, and stops it after it; `ports` are for others beside it. */
export function useIdentity(take: (identity: Identity, ports: PortBlock) => void): void {
  let ports: PortBlock;
  let identity: Identity;
  beforeEach(async () => {
    ports = await reservePorts();
    identity = await startIdentity(await ports.next());
    take(identity, ports);
  });
  afterEach(async () => {
    await identity.stop();
    await ports.release();
  });
}
