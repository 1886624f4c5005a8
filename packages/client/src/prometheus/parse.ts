import { z } from 'zod';

import { UpstreamError } from '../errors.js';
import { turn } from '../turns.js';
import type { InstantResult, Labels, RangeResult } from './types.js';

/** A list that may be parsed as it is read. */
const list = z.custom<Iterable<unknown>>(
  (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
);

/** What may stand under `data` of a query; the samples inside are read by hand. */
const queryData = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: list }),
  z.object({ resultType: z.literal('matrix'), result: list }),
  z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) }),
  z.object({ resultType: z.literal('string'), result: z.unknown() }),
]);

/**
 * The series of an instant query; of a long answer with turns of the event loop in between. Native histograms have
 * no single value: left out, and said so.
 */
export async function instantSeries(
  data: unknown,
): Promise<{ series: InstantResult['series']; infos: string[] }> {
  const { resultType, result } = parse(queryData, data);
  if (resultType === 'scalar') {
    const [time, value] = result;
    return { series: [{ metric: {}, time, value: sampleValue(value) }], infos: [] };
  }
  if (resultType !== 'vector') throw badAnswer(`a ${resultType} where a vector was expected`);
  const series: InstantResult['series'] = [];
  let histograms = 0;
  for (const item of readable(result)) {
    if (series.length % seriesOfTurn === seriesOfTurn - 1) await turn();
    const { metric, value, histogram } = rawSeries(item);
    if (histogram !== undefined) histograms += 1;
    if (value === undefined) continue;
    series.push({ metric: labels(metric), time: timeOf(value), value: valueOf(value) });
  }
  return { series, infos: histogramInfo(histograms) };
}

/**
 * The series of a range query, as columns; of a long answer with turns of the event loop in between. Native
 * histograms are left out, and said so.
 */
export async function rangeSeries(
  data: unknown,
): Promise<{ series: RangeResult['series']; infos: string[] }> {
  const { resultType, result } = parse(queryData, data);
  if (resultType !== 'matrix') throw badAnswer(`a ${resultType} where a matrix was expected`);
  const series: RangeResult['series'] = [];
  let histograms = 0;
  let samples = 0;
  for (const item of readable(result)) {
    if (samples >= samplesOfTurn) {
      samples = 0;
      await turn();
    }
    const { metric, values: pairs, histograms: some } = rawSeries(item);
    if (some !== undefined) histograms += 1;
    if (pairs === undefined) continue;
    if (!Array.isArray(pairs)) throw badAnswer('a series without samples');
    // Up to millions of turns: no schema in here, and the times of most series are the same.
    samples += labelsCost + pairs.length;
    const times = pairs.map(timeOf);
    const before = series.at(-1)?.times ?? times;
    series.push({
      metric: labels(metric),
      times: isSame(times, before) ? before : times,
      values: pairs.map(valueOf),
    });
  }
  return { series, infos: histogramInfo(histograms) };
}

/** Samples that take some milliseconds to parse, what the labels of a series cost beside them, and series alone. */
const [samplesOfTurn, labelsCost, seriesOfTurn] = [20_000, 10, 2000];

/** Label sets, as `/series` answers. */
export function labelSets(data: unknown): Labels[] {
  return parse(z.array(z.record(z.string(), z.string())), data);
}

/** Names or values, as the label endpoints answer; some stores say `null` for none. */
export function strings(data: unknown): string[] {
  return parse(z.array(z.string()).nullable(), data) ?? [];
}

/** The retention of `/status/runtimeinfo`. */
export function retentionOf(data: unknown): string {
  return parse(z.object({ storageRetention: z.string() }), data).storageRetention;
}

/** The version of `/status/buildinfo`; some builds leave it out. */
export function versionOf(data: unknown): string {
  return parse(z.object({ version: z.string().nullish() }), data).version ?? '';
}

/** The series, of which one may turn out to be no JSON. */
function* readable(result: Iterable<unknown>): Generator<unknown, void> {
  try {
    yield* result;
  } catch (error) {
    throw error instanceof SyntaxError ? badAnswer('a series that is no JSON') : error;
  }
}

/** A series as it comes; nothing here may be trusted before it is looked at. */
interface RawSeries {
  metric?: unknown;
  value?: unknown;
  values?: unknown;
  histogram?: unknown;
  histograms?: unknown;
}

function rawSeries(item: unknown): RawSeries {
  if (typeof item !== 'object' || item === null) throw badAnswer('a series that is none');
  return item;
}

/** The time of a sample: `[1435781430.781, "1"]`. */
function timeOf(pair: unknown): number {
  if (!Array.isArray(pair) || typeof pair[0] !== 'number')
    throw badAnswer('a sample without a time');
  return pair[0];
}

function valueOf(pair: unknown): number {
  return sampleValue((pair as unknown[])[1]);
}

function isSame(times: readonly number[], others: readonly number[]): boolean {
  return times.length === others.length && times.every((time, index) => time === others[index]);
}

/** Values are text, so that NaN and the infinities can be said. */
function sampleValue(text: unknown): number {
  if (typeof text !== 'string' || text === '') throw badAnswer('a sample that is no text');
  const value = Number(text);
  if (!Number.isNaN(value) || text === 'NaN') return value;
  if (/^[+]?Inf$/.test(text)) return Infinity;
  if (text === '-Inf') return -Infinity;
  throw badAnswer('a sample that is no number');
}

function labels(metric: unknown): Labels {
  if (typeof metric !== 'object' || metric === null) throw badAnswer('a series without labels');
  return metric as Labels;
}

function histogramInfo(count: number): string[] {
  return count === 0
    ? []
    : [`native histograms left out of ${count} series: they have no single value`];
}

function parse<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw badAnswer(`data.${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`);
}

function badAnswer(detail: string): UpstreamError {
  return new UpstreamError({ upstream: 'prometheus', code: 'bad_answer', detail });
}
