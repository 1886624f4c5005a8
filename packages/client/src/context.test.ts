import { describe, expect, it } from '@jest/globals';

import { contextHeaders, currentContext, runDetached, runInContext } from './context.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

describe('the request context', () => {
  it('reaches what is awaited within and ends with it', async () => {
    const inside = await runInContext({ requestId: 'a' }, async () => {
      await Promise.resolve();
      return currentContext()?.requestId;
    });
    expect(inside).toBe('a');
    expect(currentContext()).toBeUndefined();
  });

  it('keeps two requests apart', async () => {
    const ask = async () => {
      await new Promise(setImmediate);
      return contextHeaders()['x-request-id'];
    };
    const both = [runInContext({ requestId: 'a' }, ask), runInContext({ requestId: 'b' }, ask)];
    expect(await Promise.all(both)).toEqual(['a', 'b']);
  });

  it('gives each call a span of its own in the incoming trace', () => {
    const calls = runInContext({ requestId: 'a', traceparent }, () => [
      contextHeaders()['traceparent'],
      contextHeaders()['traceparent'],
    ]);
    for (const call of calls) {
      expect(call).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    }
    expect(new Set([traceparent, ...calls]).size).toBe(3);
  });

  it.each([
    ['garbage'],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    [`00-${traceId}-0000000000000000-01`],
    [`00-${traceId.toUpperCase()}-b7ad6b7169203331-01`],
    [`${traceparent}\r\nx: y`],
  ])('does not pass on the traceparent %j', (bad) => {
    const headers = runInContext({ requestId: 'a', traceparent: bad }, contextHeaders);
    expect(headers).toEqual({ 'x-request-id': 'a' });
  });

  it('does not pass on a request id that no header may hold', () => {
    expect(runInContext({ requestId: 'a\r\nb' }, contextHeaders)).toEqual({});
  });

  it('adds no headers outside of a request', () => {
    expect(contextHeaders()).toEqual({});
  });

  it('is without its signal in detached work', () => {
    const { signal } = new AbortController();
    const detached = runInContext({ requestId: 'a', traceparent, signal }, () =>
      runDetached(currentContext),
    );
    expect(detached).toEqual({ requestId: 'a', traceparent });
    expect(runDetached(currentContext)).toBeUndefined();
  });
});
