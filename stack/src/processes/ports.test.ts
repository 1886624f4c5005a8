import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { isFree, reservePorts, type PortBlock } from './ports.js';

const blocks: PortBlock[] = [];
const servers: Server[] = [];

async function reserve(): Promise<PortBlock> {
  const block = await reservePorts();
  blocks.push(block);
  return block;
}

async function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

afterEach(async () => {
  await Promise.all(blocks.splice(0).map((block) => block.release()));
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

describe('ports of a stack', () => {
  it('differ, also when many are asked for at once and from two stacks', async () => {
    const [one, two] = await Promise.all([reserve(), reserve()]);
    const asked = [one, two].flatMap((block) => Array.from({ length: 20 }, () => block.next()));
    const ports = await Promise.all(asked);
    expect(new Set(ports).size).toBe(40);
  });

  it('skip one that something listens on', async () => {
    const block = await reserve();
    const first = await block.next();
    await occupy(first + 1);
    expect(await block.next()).toBe(first + 2);
  });

  it('are given back with the block', async () => {
    const block = await reserve();
    const lock = (await block.next()) - 1;
    expect(await isFree(lock)).toBe(false);
    await block.release();
    expect(await isFree(lock)).toBe(true);
  });
});
