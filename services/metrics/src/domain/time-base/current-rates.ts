import type { Labels, MetricSource, Row } from '../../ports.js';
import type { Figure } from '../promql/figure.js';
import { runQueries, type QueryResults } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import { applied, groupsOf, type CounterFigure } from './counter-figure.js';
import { increaseOver, nearZero, perSecond, type GrowthSemantics } from './growth.js';
import { narrowTo } from './narrow.js';
import { rateWindowOf, rateWindows, type RateWindow } from './rate-window.js';
import { readSampleTimes, type SampledTarget, type SampledTargets } from './read-samples.js';
import { targetKeyOf, type TargetGroup } from './target-group.js';

/** Rates at a moment, and the samples they were taken from. */
export interface CurrentRates {
  /** By figure, per second, a row for each instance: of several targets of one the best sampled. */
  readonly results: QueryResults;
  /** With the samples of the last 10 minutes at least. */
  readonly targets: SampledTargets;
}

export interface RatesRequest {
  readonly scope: Scope;
  /** The figures in a scope: the same in each. */
  readonly figuresOf: (scope: Scope) => readonly CounterFigure[];
  /** Unix seconds. */
  readonly at: number;
  readonly semantics: GrowthSemantics;
  readonly signal: AbortSignal;
  /** Names what is missing where a request fails. */
  readonly group: string;
  /** Whether each figure is a request of its own, but for targets that need another window. */
  readonly apart?: boolean;
  /** Groups whose newest samples are wanted besides. */
  readonly others?: readonly TargetGroup[];
}

const [shortest] = rateWindows;
/** How far back samples are read (seconds): to two of the shortest windows, or to see the longest. */
const usualReach = 2 * shortest + 10;
const longReach = 1800;

/**
 * Reads current rates, each over a window that fits the target's own samples and ends with the newest of them.
 * Two requests do for targets that were there for the last minutes and are sampled at least every 75 s; where
 * there are others, two more.
 */
export async function readCurrentRates(
  source: MetricSource,
  request: RatesRequest,
): Promise<CurrentRates> {
  const { scope, figuresOf, at, semantics } = request;
  const figures = figuresOf(scope);
  if (figures.length + (request.others ?? []).length === 0)
    return { results: noResults, targets: new Map() };
  const usual = overWindows(figures, [shortest], semantics, false);
  const first = await readBoth(source, request, { scope, figures: usual, seconds: usualReach });
  const lacking = groupsOf(figures)
    .flatMap(({ id }) => [...(first.targets.get(id)?.values() ?? [])])
    .filter(({ times }) => {
      const { window, isEnough } = rateWindowOf(times, at);
      const isPlain = semantics === 'between samples' || window?.samples.isBeginning === false;
      return !(isEnough && (window === null || (window.seconds === shortest && isPlain)));
    });
  if (lacking.length === 0) return combine(figures, [first], request);
  // Repeated for each figure, window and function.
  const narrowed = narrowTo(scope, lacking, 9 * figures.length);
  const wide = overWindows(figuresOf(narrowed), rateWindows, semantics, true);
  const second = await readBoth(
    source,
    { ...request, apart: false, others: [] },
    { scope: narrowed, figures: wide, seconds: longReach },
  );
  return combine(figures, [second, first], request);
}

const noResults: QueryResults = {
  instant: new Map(),
  range: new Map(),
  failures: [],
  notes: [],
  sent: 0,
};

function overWindows(
  figures: readonly CounterFigure[],
  windows: readonly number[],
  semantics: GrowthSemantics,
  withNearZero: boolean,
): Figure[] {
  return windows.flatMap((seconds) => [
    ...applied(figures, (name) => `${name}@${seconds}`, increaseOver(seconds, semantics)),
    ...(withNearZero && semantics === 'extrapolated'
      ? (['delta', 'resets'] as const).flatMap((name) =>
          applied(figures, (figure) => `${figure}@${seconds}:${name}`, nearZero[name](seconds)),
        )
      : []),
  ]);
}

interface Reading {
  readonly results: QueryResults;
  readonly targets: SampledTargets;
}

async function readBoth(
  source: MetricSource,
  { figuresOf, at, signal, group, apart = false, others = [] }: RatesRequest,
  of: { scope: Scope; figures: readonly Figure[]; seconds: number },
): Promise<Reading> {
  const { scope, figures, seconds } = of;
  const groups = [...groupsOf(figuresOf(scope)), ...others];
  const queries = apart
    ? figures.map((figure) => ({ group, figures: [figure], at }))
    : [{ group, figures, at }].filter(() => figures.length > 0);
  const [results, samples] = await Promise.all([
    runQueries(source, queries, signal),
    readSampleTimes(source, { scope, groups, seconds, at, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      return { targets: new Map(), notes: [], error };
    }),
  ]);
  const names = figures.map(({ figure }) => figure);
  const failed = 'error' in samples ? [{ group, figures: names, error: samples.error }] : [];
  return {
    targets: samples.targets,
    results: {
      ...results,
      failures: [...results.failures, ...failed],
      notes: [...new Set([...results.notes, ...samples.notes])],
      sent: results.sent + Math.min(1, groups.length),
    },
  };
}

/** The rates of each figure by what was read: of the same target the earlier reading holds. */
function combine(
  figures: readonly CounterFigure[],
  readings: readonly Reading[],
  { at, semantics }: RatesRequest,
): CurrentRates {
  const targets = new Map<string, Map<string, SampledTarget>>();
  for (const reading of [...readings].reverse())
    for (const [id, own] of reading.targets)
      targets.set(id, new Map([...(targets.get(id) ?? []), ...own]));
  const windows = new Map(
    [...targets].map(([id, own]) => [
      id,
      new Map([...own].map(([key, { times }]) => [key, rateWindowOf(times, at).window])),
    ]),
  );
  const instant = new Map<string, Row[]>();
  for (const figure of figures) {
    const own = windows.get(figure.group.id) ?? new Map<string, RateWindow | null>();
    const read = readerOf(figure, readings);
    const rows = new Map<string, { row: Row; sampled: number }>();
    for (const [key, { metric }] of targets.get(figure.group.id) ?? []) {
      const window = own.get(key);
      if (window == null) continue;
      const { seconds, samples } = window;
      const rate = perSecond(
        read(key, seconds, samples.isBeginning),
        samples,
        { start: at - seconds, end: at },
        semantics,
      );
      if (rate === null) continue;
      const thing = thingOf(metric, figure.group.things) ?? key;
      const sampled = samples.last - samples.first;
      if (sampled <= (rows.get(thing)?.sampled ?? 0)) continue;
      rows.set(thing, { row: { metric, value: rate }, sampled });
    }
    if (rows.size > 0)
      instant.set(
        figure.figure,
        [...rows.values()].map(({ row }) => row),
      );
  }
  const nameOf = (name: string) => name.replace(/@.*/, '');
  const failures = readings.flatMap(({ results }) =>
    results.failures.map((failure) => ({
      ...failure,
      figures: [...new Set(failure.figures.map(nameOf))],
    })),
  );
  const notes = [...new Set(readings.flatMap(({ results }) => results.notes))];
  const sent = readings.reduce((sum, { results }) => sum + results.sent, 0);
  return { results: { instant, range: new Map(), failures, notes, sent }, targets };
}

/** What a target speaks of; null where its labels do not tell. */
function thingOf(metric: Labels, things: readonly string[] = ['instance']): string | null {
  if (things.every((label) => metric[label] === undefined)) return null;
  return JSON.stringify(['cluster', ...things].map((label) => metric[label]));
}

/** Reads what a target's counters grew in a window, as the store computed it. */
function readerOf({ figure, group }: CounterFigure, readings: readonly Reading[]) {
  const keyOf = targetKeyOf(group);
  const tables = new Map<string, ReadonlyMap<string, number>>();
  for (const { results } of readings) {
    for (const [name, rows] of results.instant) {
      if (!name.startsWith(`${figure}@`)) continue;
      const table = rows.map(({ metric, value }) => [keyOf(metric), value] as const);
      tables.set(name, new Map([...table, ...(tables.get(name) ?? [])]));
    }
  }
  return (key: string, seconds: number, isBeginning: boolean): number | undefined => {
    const name = `${figure}@${seconds}`;
    const delta = tables.get(`${name}:delta`)?.get(key);
    const isPlain = delta !== undefined && tables.get(`${name}:resets`)?.get(key) === 0;
    return isBeginning && isPlain ? delta : tables.get(name)?.get(key);
  };
}
