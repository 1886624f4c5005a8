import { UpstreamError } from '@bud-monitoring/client';
import type { GrowthSemantics } from '../domain/time-base/growth.js';
import type { MetricSource } from '../ports.js';

/** A function that only stores have whose `rate()` is their own; it reads no series here. */
const ownFunction = 'increase_prometheus(vector(1)[2m:1m])';

/** Detects once how this store computes `rate()`; throws what kept the store from answering. */
export function createRateDetection(source: MetricSource) {
  let detected: GrowthSemantics | undefined;
  return async function rates(at: number, signal: AbortSignal): Promise<GrowthSemantics> {
    detected ??= await detect(source, at, signal);
    return detected;
  };
}

async function detect(
  source: MetricSource,
  at: number,
  signal: AbortSignal,
): Promise<GrowthSemantics> {
  try {
    await source.query(ownFunction, at, signal);
    return 'between samples';
  } catch (error) {
    // An unknown function: the query is refused.
    if (error instanceof UpstreamError && error.code === 'refused') return 'extrapolated';
    throw error;
  }
}
