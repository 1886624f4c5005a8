import type { MetricsQuery } from '@bud-monitoring/contracts';
import type { Selection } from '../../metrics/index.js';
import type { Probe } from '../../targets/probe.js';
import type { BlockTimes } from '../../time-base/blocks/block-times.js';
import { rateWindows } from '../../time-base/rate-window.js';
import type { SampledTargets } from '../../time-base/read-samples.js';
import type { Window } from '../../time/window.js';

/** What is to be read for an answer. */
export interface ReadRequest {
  readonly probe: Probe;
  readonly window: Window;
  readonly selection: Selection;
  readonly query: MetricsQuery;
  /** Unix seconds. */
  readonly now: number;
  /** Whether an error says that a request took too long. */
  readonly isSlow: (error: unknown) => boolean;
  readonly signal: AbortSignal;
}

/** Samples that are known when the points of a series are read. */
export interface KnownSamples {
  readonly times: BlockTimes | null;
  readonly newest: SampledTargets;
}

/** Seconds before the end of the window of which the newest samples are known. */
export const newestReach = 2 * rateWindows[0];
