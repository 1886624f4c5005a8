import { describe, expect, it } from '@jest/globals';
import { createCleanup } from './cleanup.js';

describe('cleanup', () => {
  it('run in order, each even if another failed, and only once', async () => {
    const cleanup = createCleanup();
    const ran: string[] = [];
    cleanup.add(() => Promise.resolve(void ran.push('processes')));
    cleanup.add(() => Promise.reject(new Error('stuck')));
    cleanup.add(() => Promise.resolve(void ran.push('ports')));
    await expect(Promise.all([cleanup.run(), cleanup.run()])).rejects.toThrow('stuck');
    expect(ran).toEqual(['processes', 'ports']);
  });

  it('close at once what comes when all is closed', async () => {
    const cleanup = createCleanup();
    await cleanup.run();
    const late = new Promise<string>((resolve) => {
      cleanup.add(async () => {
        await Promise.resolve();
        resolve('closed');
      });
    });
    expect(await late).toBe('closed');
  });
});
