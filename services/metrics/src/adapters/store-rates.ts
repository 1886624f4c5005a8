import { UpstreamError } from '@bud-monitoring/client';
import type { RateSemantics } from '../domain/targets/rate-window.js';
import type { MetricSource } from '../ports.js';

/** A function that only stores have whose `rate()` is their own; it reads no series here. */
const ownFunction = 'increase_prometheus(vector(1)[2m:1m])';

/** Finds out once what `rate()` is in this store. */
export function createRateSemantics(source: MetricSource) {
  let known: RateSemantics | undefined;
  return async function rates(at: number, signal: AbortSignal): Promise<RateSemantics> {
    known ??= await ask(source, at, signal);
    return known;
  };
}

async function ask(source: MetricSource, at: number, signal: AbortSignal): Promise<RateSemantics> {
  try {
    await source.query(ownFunction, at, signal);
    return 'between samples';
  } catch (error) {
    // Not known there: the query is refused.
    if (error instanceof UpstreamError && error.code === 'refused') return 'extrapolated';
    throw error;
  }
}
