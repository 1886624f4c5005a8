import { expect, it } from '@jest/globals';
import { readMetricsConfig } from './config.js';

const read = (NETWORK_DEVICE_EXCLUDE: string) =>
  readMetricsConfig({ AUTH_MODE: 'off', PROMETHEUS_URL: 'http://store', NETWORK_DEVICE_EXCLUDE });

it.each(['(', 'eth[0', '*'])('refuses a regular expression that no store takes: %s', (text) => {
  expect(() => read(text)).toThrow(/NETWORK_DEVICE_EXCLUDE.*regular expression/);
});

it('takes any other', () => {
  const text = 'lo|veth.*|(?i)br-[0-9a-f]{12}';
  expect(read(text).store.networkDeviceExclude).toBe(text);
});
