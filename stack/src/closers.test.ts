import { describe, expect, it } from '@jest/globals';
import { createClosers } from './closers.js';

describe('closers', () => {
  it('run in order, each even if another failed, and only once', async () => {
    const closers = createClosers();
    const ran: string[] = [];
    closers.add(() => Promise.resolve(void ran.push('processes')));
    closers.add(() => Promise.reject(new Error('stuck')));
    closers.add(() => Promise.resolve(void ran.push('ports')));
    await expect(Promise.all([closers.closeAll(), closers.closeAll()])).rejects.toThrow('stuck');
    expect(ran).toEqual(['processes', 'ports']);
  });

  it('close at once what comes when all is closed', async () => {
    const closers = createClosers();
    await closers.closeAll();
    const late = new Promise<string>((resolve) => {
      closers.add(async () => {
        await Promise.resolve();
        resolve('closed');
      });
    });
    expect(await late).toBe('closed');
  });
});
