import type { InferenceServer } from '@bud-monitoring/contracts';
import type { LabelMatcher } from '@bud-monitoring/promql';

export type GaugeField = 'running' | 'waiting' | 'cache';
export type CounterField = 'inputTokens' | 'outputTokens' | 'requests' | 'errors';
export type LatencyField = 'firstToken' | 'betweenTokens';

/** A metric, without the prefix of its server, and which of its series. */
interface Reading {
  readonly metric: string;
  readonly matchers?: readonly LabelMatcher[];
}

/** A histogram, without `_bucket`; its bounds times `factor` are seconds. */
interface LatencyReading extends Reading {
  readonly factor?: number;
}

/** What a server of models exposes. Of several readings of a field the first that an instance has counts. */
export interface InferenceEngine {
  readonly server: InferenceServer;
  /** How its metrics begin: relays spell it in ways of their own. */
  readonly prefixes: readonly string[];
  /** Labels that name the model, the best first; none where the server does not tell. */
  readonly models: readonly string[];
  /** Labels of what is added up: parts of an instance, kinds of requests. */
  readonly parts: readonly string[];
  /** Labels of what repeats the same. */
  readonly copies?: readonly string[];
  /** Whether it stands before servers, and says of their requests once more what they say. */
  readonly isGateway?: boolean;
  /** Requests; `cache` is the share of it that is used, 0 to 1. */
  readonly gauges: Readonly<Partial<Record<GaugeField, readonly Reading[]>>>;
  readonly counters: Readonly<Partial<Record<CounterField, readonly Reading[]>>>;
  readonly latencies: Readonly<Partial<Record<LatencyField, readonly LatencyReading[]>>>;
}

export const reading = (metric: string, ...matchers: LabelMatcher[]): readonly Reading[] => [
  { metric, matchers },
];
export const latency = (metric: string, factor = 1): LatencyReading => ({ metric, factor });
