import { describe, expect, it } from '@jest/globals';
import { addressOf } from './address.js';

describe('addressOf', () => {
  it.each([
    ['10.0.0.1:9100', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.1'],
    ['[fd00::1]:9100', 'fd00::1'],
    ['[fd00:0:0:0::1]', 'fd00::1'],
    ['FD00:0::1', 'fd00::1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['Node-1.example.com:9100', 'node-1.example.com'],
    ['node-1', 'node-1'],
    ['', ''],
    ['zz:zz:zz', 'zz:zz:zz'],
  ])('takes %s for %s', (instance, address) => {
    expect(addressOf(instance)).toBe(address);
  });
});
