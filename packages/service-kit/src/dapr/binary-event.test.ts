import { describe, expect, it } from '@jest/globals';
import { withBinaryAttributes } from './binary-event.js';

describe('withBinaryAttributes', () => {
  it('makes a structured event of headers and body', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'a%20b',
      'ce-source': '100%',
      'content-type': 'application/json',
    };
    expect(withBinaryAttributes({ name: 'east' }, headers)).toEqual({
      specversion: '1.0',
      id: 'a b',
      source: '100%',
      data: { name: 'east' },
    });
  });

  it('leaves an event without these headers', () => {
    const event = { specversion: '1.0', data: {} };
    expect(withBinaryAttributes(event, { 'ce-id': '1' })).toBe(event);
  });
});
