import type { Labels, MetricSource, Row } from '../../ports.js';
import type { Figure } from '../promql/figure.js';
import { runQueries, type QueryResults } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import { applied, groupsOf, type CounterFigure } from './counter-figure.js';
import {
  grownIn,
  increaseOver,
  nearZeroFigures,
  perSecond,
  rangeOf,
  type GrowthSemantics,
} from './growth.js';
import { narrowTo } from './narrow.js';
import { rateWindowOf, rateWindows, type RateWindow } from './rate-window.js';
import { readOrphans, withOrphans } from './read-orphans.js';
import { readSampleTimes, type SampledTarget, type SampledTargets } from './read-samples.js';
import type { SamplesWithin } from './sample-times.js';
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
  const usual = applied(figures, over(shortest), increaseOver(shortest, semantics));
  const both = await readBoth(source, request, usual);
  const { reading: first, orphans } = await withTimesOfOrphans(source, request, both);
  const lacking = groupsOf(figures)
    .flatMap(({ id }) => [...(first.targets.get(id)?.values() ?? [])])
    .filter(({ times }) => {
      const { window, isEnough } = rateWindowOf(times, at);
      const isPlain = semantics === 'between samples' || window?.samples.isBeginning === false;
      return !(isEnough && (window === null || (window.seconds === shortest && isPlain)));
    });
  const readings =
    lacking.length === 0
      ? [first]
      : [await readLacking(source, request, { lacking, orphans }), first];
  return combine(figures, readings, await readJoined(source, request, readings), request);
}

/** A reading, with the samples of targets whose counters it has but not the reference of their group. */
async function withTimesOfOrphans(
  source: MetricSource,
  { scope, figuresOf, at, signal }: RatesRequest,
  reading: Reading,
): Promise<{ reading: Reading; orphans: ReadonlySet<SampledTarget> }> {
  const orphans = new Map<TargetGroup, Map<string, Labels>>();
  const { results, targets } = reading;
  for (const { figure, group } of figuresOf(scope)) {
    if (group.substitutes === undefined || !targets.has(group.id)) continue;
    const keyOf = targetKeyOf(group);
    const [known = group] = [...orphans.keys()].filter(({ id }) => id === group.id);
    const own = orphans.get(known) ?? new Map<string, Labels>();
    for (const { metric } of results.instant.get(over(shortest)(figure)) ?? [])
      if (targets.get(group.id)?.has(keyOf(metric)) !== true) own.set(keyOf(metric), metric);
    if (own.size > 0) orphans.set(known, own);
  }
  if (orphans.size === 0) return { reading, orphans: new Set() };
  const read = await readOrphans(source, orphans, { scope, seconds: longReach, at, signal });
  return {
    reading: { ...reading, targets: withOrphans(targets, read) },
    orphans: new Set([...read.values()].flatMap((own) => [...own.values()])),
  };
}

/** Samples by the seconds of the window that they were read in alone. */
type InWindows = ReadonlyMap<number, SampledTargets>;

/**
 * The samples in each window that is in use, of a store that joins replicas anew for each range: those of a longer
 * range need not be those that growth was computed from.
 */
async function readJoined(
  source: MetricSource,
  { scope, figuresOf, at, signal }: RatesRequest,
  readings: readonly Reading[],
): Promise<InWindows> {
  if (!(await source.joinsReplicas(signal))) return new Map();
  const all = readings.flatMap(({ targets }) =>
    [...targets.values()].flatMap((own) => [...own.values()]),
  );
  const used = new Set(all.map(({ times }) => rateWindowOf(times, at).window?.seconds));
  const groups = groupsOf(figuresOf(scope));
  const windows = rateWindows.filter((seconds) => used.has(seconds));
  const read = windows.map(async (seconds) => {
    const range = rangeOf(seconds);
    const { targets } = await readTimes(source, { at, signal }, { scope, groups, seconds, range });
    return [seconds, targets] as const;
  });
  return new Map(await Promise.all(read));
}

interface Lacking {
  readonly lacking: readonly SampledTarget[];
  /** Those of which the samples of the longest window are known. */
  readonly orphans: ReadonlySet<SampledTarget>;
}

/** What targets lack whose window is not the shortest, or whose counters have just begun. */
async function readLacking(
  source: MetricSource,
  request: RatesRequest,
  { lacking, orphans }: Lacking,
): Promise<Reading> {
  const { scope, figuresOf, at, semantics, group, signal } = request;
  const figures = figuresOf(scope);
  const samples = await readTimes(source, request, {
    scope: narrowTo(scope, lacking, 1),
    groups: groupsOf(figures),
    seconds: longReach,
  });
  const read = [...samples.targets.values()].flatMap((own) => [...own.values()]);
  const targets = [...read, ...lacking.filter((target) => orphans.has(target))];
  const wide = rateWindows.flatMap((seconds): Figure[] => {
    const own = targets.flatMap((target) => {
      const { window } = rateWindowOf(target.times, at);
      return window?.seconds === seconds ? [{ target, window }] : [];
    });
    const beginning = own.filter(({ window }) => window.samples.isBeginning);
    // Repeated for each figure, window and function.
    const figuresIn = (some: typeof own) =>
      figuresOf(
        narrowTo(
          scope,
          some.map(({ target }) => target),
          9 * figures.length,
        ),
      );
    const name = over(seconds);
    return [
      ...(own.length === 0 ? [] : applied(figuresIn(own), name, increaseOver(seconds, semantics))),
      ...(beginning.length === 0 || semantics !== 'extrapolated'
        ? []
        : nearZeroFigures(figuresIn(beginning), name, seconds)),
    ];
  });
  const queries = wide.length === 0 ? [] : [{ group, figures: wide, at }];
  return joined(await runQueries(source, queries, signal), samples, figures, group);
}

const noResults: QueryResults = {
  instant: new Map(),
  range: new Map(),
  failures: [],
  sent: 0,
};

/** Names a figure over a window of so many seconds. */
const over = (seconds: number) => (figure: string) => `${figure}@${seconds}`;

interface Reading {
  readonly results: QueryResults;
  readonly targets: SampledTargets;
}

/** The figures, and the newest samples of their targets. */
async function readBoth(
  source: MetricSource,
  request: RatesRequest,
  figures: readonly Figure[],
): Promise<Reading> {
  const { scope, figuresOf, at, signal, group, apart = false, others = [] } = request;
  const groups = [...groupsOf(figuresOf(scope)), ...others];
  const queries = apart
    ? figures.map((figure) => ({ group, figures: [figure], at }))
    : [{ group, figures, at }].filter(() => figures.length > 0);
  const [results, samples] = await Promise.all([
    runQueries(source, queries, signal),
    readTimes(source, request, { scope, groups, seconds: usualReach }),
  ]);
  return joined(results, samples, figures, group);
}

interface Times {
  readonly targets: SampledTargets;
  readonly sent: number;
  readonly error?: unknown;
}

async function readTimes(
  source: MetricSource,
  { at, signal }: Pick<RatesRequest, 'at' | 'signal'>,
  of: { scope: Scope; groups: readonly TargetGroup[]; seconds: number; range?: string },
): Promise<Times> {
  const sent = Math.min(1, of.groups.length);
  try {
    return { ...(await readSampleTimes(source, { ...of, at, signal })), sent };
  } catch (error) {
    signal.throwIfAborted();
    return { targets: new Map(), sent, error };
  }
}

function joined(
  results: QueryResults,
  { targets, sent, error }: Times,
  figures: readonly { figure: string }[],
  group: string,
): Reading {
  const names = figures.map(({ figure }) => figure);
  const failed = error === undefined ? [] : [{ group, figures: names, error }];
  return {
    targets,
    results: {
      ...results,
      failures: [...results.failures, ...failed],
      sent: results.sent + sent,
    },
  };
}

/** The rates of each figure by what was read: of the same target the earlier reading holds. */
function combine(
  figures: readonly CounterFigure[],
  readings: readonly Reading[],
  inWindows: InWindows,
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
      const { seconds } = window;
      const range = { start: at - seconds, end: at };
      const alone = inWindows.get(seconds)?.get(figure.group.id)?.get(key)?.times.within(range);
      const samples = { ...(alone ?? window.samples), isBeginning: window.samples.isBeginning };
      const rate = perSecond(read(key, seconds, samples), samples, range, semantics);
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
  const sent = readings.reduce((sum, { results }) => sum + results.sent, 0);
  return { results: { instant, range: new Map(), failures, sent }, targets };
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
  return (key: string, seconds: number, samples: SamplesWithin): number | undefined => {
    const name = `${figure}@${seconds}`;
    const of = (own: string) => tables.get(own)?.get(key);
    const [delta, resets] = [of(`${name}:delta`), of(`${name}:resets`)];
    return grownIn(samples, { increase: of(name), delta, resets });
  };
}
