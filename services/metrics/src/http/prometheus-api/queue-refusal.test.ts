import { expect, it } from '@jest/globals';
import { queueRefusal } from './queue-refusal.js';

const cluster = '0f000000-0000-4000-8000-00000000000a';
const refusalOf = queueRefusal({ isFull: (key) => key === cluster });

it.each([
  `/clusters/${cluster}/prometheus/api/v1/query?query=up`,
  `/clusters/${cluster.toUpperCase()}/prometheus/api/v1/labels`,
])('is what the queue of the cluster says: %s', (url) => {
  expect(refusalOf(url)).toMatchObject({ status: 429, retryAfterSeconds: 1 });
});

it.each([
  '/clusters/0f000000-0000-4000-8000-00000000000b/prometheus/api/v1/query?query=up',
  `/clusters/${cluster}/metrics?x=/prometheus/`,
  '/clusters/none/prometheus/api/v1/query',
  '/clusters/%/prometheus/api/v1/query',
  '/prometheus/api/v1/query?query=up',
])('is nothing for another: %s', (url) => {
  expect(refusalOf(url)).toBeUndefined();
});
