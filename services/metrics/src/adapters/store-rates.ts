import { UpstreamError } from '@bud-monitoring/client';
import type { Rates } from '../domain/targets/aligned-blocks.js';
import type { MetricSource } from '../ports.js';

/** A function that only stores have whose `rate()` is their own; it reads no series here. */
const ownFunction = 'increase_prometheus(vector(1)[2m:1m])';

/** Finds out once what `rate()` is in this store. */
export function createRates(source: MetricSource) {
  let known: Rates | undefined;
  return async function rates(at: number, signal: AbortSignal): Promise<Rates> {
    known ??= await ask(source, at, signal);
    return known;
  };
}

async function ask(source: MetricSource, at: number, signal: AbortSignal): Promise<Rates> {
  try {
    await source.query(ownFunction, at, signal);
    return 'between samples';
  } catch (error) {
    // Not known there: the query is refused.
    if (error instanceof UpstreamError && error.code === 'refused') return 'spread';
    throw error;
  }
}
