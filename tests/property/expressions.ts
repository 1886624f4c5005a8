import fc from 'fast-check';

import { arithmetic, comparison, literals, setOperation } from './literals.js';
import { selector as anySelector } from './selectors.js';
import type { MetricKind } from './selectors.js';
import { query as q, within } from './text.js';
import type { Texts } from './text.js';

/** Which language the store speaks. */
export type Dialect = '2.42' | '3.16' | 'VictoriaMetrics';

export interface Expression {
  readonly texts: Texts;
  /** At the top, `absent` names the labels of its selectors: ours show in its answer. */
  readonly absent: boolean;
}

const eachOf = (list: string): string[] => list.trim().split(/\s+/);

const ofVector = eachOf(`abs acos acosh asin asinh atan atanh ceil cos cosh day_of_month day_of_week
  day_of_year days_in_month deg exp floor hour ln log10 log2 minute month rad round sgn sin sinh sort
  sort_desc sqrt tan tanh timestamp year`);
const ofHistogram = eachOf('histogram_count histogram_sum');
const ofRange = eachOf(`avg_over_time changes count_over_time delta deriv idelta increase irate
  last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time
  stdvar_over_time sum_over_time`);
const aggregations = eachOf('avg count group max min stddev stdvar sum');

const newer = {
  ofHistogram: eachOf('histogram_avg histogram_stddev histogram_stdvar'),
  ofRange: eachOf(`first_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time
    ts_of_max_over_time ts_of_min_over_time`),
};

const anyCase = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(name, name, name, name.toUpperCase());

/** Queries of every kind that a dialect knows, to a depth. */
export function expressions(dialect: Dialect): Expression[] {
  const modern = dialect === '3.16';
  const { number, duration, shift, stepSize, matching, grouping, fill } = literals(modern);
  const selector = (kind: MetricKind): Texts => anySelector(kind, { utf8: modern });
  const ranged = (kind: MetricKind): Texts =>
    within(
      'range',
      fc.oneof(
        q`${selector(kind)}[${duration}]`,
        q`${selector(kind)} [ ${duration} ]`,
        within('offset or @', q`${selector(kind)}[${duration}]${shift}`),
        ...(modern
          ? [q`${selector(kind)}[${duration}]${fc.constantFrom(' anchored', ' smoothed')}`]
          : []),
      ),
    );
  const matrix = (depth: number, kind: MetricKind = 'any'): Texts =>
    fc.oneof(
      { weight: 3, arbitrary: ranged(kind) },
      {
        weight: 1,
        arbitrary: within(
          'subquery',
          q`${vector(depth - 1)}[10m:${stepSize}]${fc.oneof(fc.constant(''), shift)}`,
        ),
      },
      { weight: 1, arbitrary: q`(${ranged(kind)})` },
    );

  const scalar = (depth: number): Texts => {
    const leaves: Texts[] = [
      q`${number}`,
      q`time()`,
      q`pi()`,
      ...(modern ? ['start()', 'end()', 'range()', 'step()'].map((name) => q`${name}`) : []),
    ];
    if (depth <= 0) return fc.oneof(...leaves);
    return fc.oneof(
      ...leaves,
      one(),
      q`scalar(${vector(depth - 1)})`,
      q`-${scalar(depth - 1)}`,
      q`(${scalar(depth - 1)})`,
      q`${scalar(depth - 1)} ${arithmetic} ${scalar(depth - 1)}`,
      q`${scalar(depth - 1)} ${comparison} bool ${scalar(depth - 1)}`,
      ...(modern
        ? [q`${fc.constantFrom('max_of', 'min_of')}(${scalar(depth - 1)}, ${one()})`]
        : []),
    );
  };
  const one = (): Texts =>
    fc.oneof(
      q`scalar(${fleetSize})`,
      q`scalar(max(${selector('gauge')}))`,
      q`scalar(count(${selector('any')}))`,
    );

  const binary = (depth: number): Texts => {
    const left = () => vector(depth - 1);
    const right = () => within('right operand', vector(depth - 1));
    const gauge = () => selector('gauge');
    return fc.oneof(
      q`${left()} ${arithmetic} ${scalar(depth - 1)}`,
      q`${scalar(depth - 1)} ${arithmetic} ${right()}`,
      q`${left()} ${comparison} ${fc.constantFrom('', 'bool ')}${scalar(depth - 1)}`,
      q`${left()} ${arithmetic}${matching}${fill} ${right()}`,
      q`${gauge()} ${arithmetic}${fill} ${within('right operand', gauge())}`,
      q`${gauge()} ${comparison}${fc.constantFrom('', ' bool')}${matching}${fill} ${within('right operand', gauge())}`,
      q`${left()} ${setOperation}${matching} ${right()}`,
      q`${selector('any')} ${setOperation} ${within('right operand', selector('any'))}`,
      q`${gauge()} ${arithmetic} on(instance) ${fc.constantFrom('group_left', 'group_left()', 'group_left(version)', 'GROUP_LEFT (version, cluster)')} ${within('right operand', selector('info'))}`,
      q`${selector('info')} * on(instance, cluster) ${fc.constantFrom('group_right', 'group_right(version)')} ${within('right operand', gauge())}`,
      ...(modern
        ? [
            q`${selector('native')} ${fc.constantFrom('</', '>/')} ${fc.constantFrom('1', '4', '0.5')}`,
          ]
        : []),
    );
  };

  const parameter = () => within('aggregation parameter', one());
  const aggregation = (depth: number): Texts => {
    const inner = () => within('aggregated', vector(depth - 1));
    const distinct = () =>
      within('aggregated', fc.oneof(selector('gauge'), q`rate(${ranged('counter')})`));
    const plain = fc.constantFrom(...aggregations).chain(anyCase);
    return fc.oneof(
      q`${plain}${grouping}(${inner()})`,
      q`${plain}(${inner()})${grouping}`,
      q`${fc.constantFrom('topk', 'bottomk')}${grouping}(${fc.constantFrom('1', '2')}, ${distinct()})`,
      q`${fc.constantFrom('topk', 'bottomk')}(${parameter()} / 80, ${distinct()})${grouping}`,
      q`quantile${grouping}(${fc.oneof(q`0.5`, q`(${parameter()}) / 1000`)}, ${inner()})`,
      // Sums differ in the last digit with the order of the series: not in a label, please.
      q`count_values${grouping}("v", round(${inner()}, 0.001))`,
      ...(modern
        ? [
            q`limitk${grouping}(2, ${within('aggregated', selector('gauge'))})`,
            q`limit_ratio${grouping}(${fc.constantFrom('0.5', '-0.5')}, ${within('aggregated', selector('gauge'))})`,
          ]
        : []),
    );
  };

  const later = (texts: Texts): Texts => within('later argument', texts);
  const call = (depth: number): Texts => {
    const inner = () => vector(depth - 1);
    const matrices = () => matrix(depth);
    const quantile = fc.oneof(q`0.9`, q`${one()} / 1000`);
    const sortByLabel = (name: string) => q`${name}(${inner()}, "instance")`;
    const clampOne = (name: string) => q`${name}(${inner()}, ${later(scalar(1))})`;
    // Each function as often as any other.
    return fc.oneof(
      ...ofVector.map((name) => q`${name}(${inner()})`),
      ...[...ofRange, ...(modern ? newer.ofRange : [])].map((name) => q`${name}(${matrices()})`),
      ...[...ofHistogram, ...(modern ? newer.ofHistogram : [])].map(
        (name) => q`${name}(${selector('native')})`,
      ),
      q`histogram_quantile(${quantile}, ${later(fc.oneof(q`rate(${ranged('buckets')})`, selector('native')))})`,
      q`histogram_fraction(0, ${number}, ${later(selector('native'))})`,
      q`round(${inner()}, ${later(scalar(1))})`,
      q`clamp(${inner()}, 10, ${later(one())})`,
      ...['clamp_min', 'clamp_max'].map(clampOne),
      q`vector(${scalar(depth)})`,
      q`label_replace(${inner()}, "${fc.constantFrom('x', 'cluster', 'job')}", "$1-x", "instance", "(.*)")`,
      q`label_join(${inner()}, '${fc.constantFrom('x', 'cluster')}', "-", "job", "cluster")`,
      q`quantile_over_time(${quantile}, ${later(matrices())})`,
      // No farther: what is rounded otherwise in sums of another order grows with the distance.
      q`predict_linear(${matrices()}, ${later(q`(${scalar(1)}) % 3600`)})`,
      q`${fc.constantFrom('hour', 'minute', 'month', 'year', 'days_in_month')}()`,
      withoutLabels(q`absent(${inner()})`),
      withoutLabels(q`absent_over_time(${matrices()})`),
      ...(modern
        ? [
            q`histogram_quantiles(${selector('native')}, "q", 0.5, ${later(one())} / 1000)`,
            q`double_exponential_smoothing(${matrix(depth, 'gauge')}, 0.3, 0.6)`,
            ...['sort_by_label', 'sort_by_label_desc'].map(sortByLabel),
            q`start_timestamp(${selector('any')})`,
            q`integral(${matrices()}, ${later(scalar(0))})`,
          ]
        : [1, 2, 3].map(() => q`holt_winters(${matrix(depth, 'gauge')}, 0.3, 0.6)`)),
    );
  };

  const leaf = fc.oneof(
    { weight: 6, arbitrary: selector('any') },
    { weight: 2, arbitrary: selector('gauge') },
    { weight: 2, arbitrary: within('offset or @', q`${selector('any')}${shift}`) },
    ...(modern ? [{ weight: 1, arbitrary: q`${selector('gauge')} smoothed` }] : []),
  );
  const memo = new Map<number, Texts>();
  const vector = (depth: number): Texts => {
    if (depth <= 0) return leaf;
    const known = memo.get(depth);
    if (known) return known;
    const made = fc.oneof(
      { weight: 1, arbitrary: leaf },
      { weight: 10, arbitrary: call(depth) },
      { weight: 3, arbitrary: aggregation(depth) },
      { weight: 3, arbitrary: binary(depth) },
      { weight: 1, arbitrary: q`(${vector(depth - 1)})` },
      { weight: 1, arbitrary: q`${fc.constantFrom('-', '+')}${vector(depth - 1)}` },
      { weight: 1, arbitrary: q`${vector(depth - 1)} # }or up{\n` },
    );
    memo.set(depth, made);
    return made;
  };

  return [
    { texts: vector(3), absent: false },
    { texts: vector(2), absent: false },
    { texts: scalar(3), absent: false },
    { texts: q`absent(${vector(2)})`, absent: true },
    { texts: q`absent_over_time(${matrix(2)})`, absent: true },
  ];
}

const fleetSize: Texts = fc.constant([
  { name: 'fleet_size', before: '', after: '', kinds: ['bare'] },
]);

/** `absent` within a query, without the labels that our matchers give its answer. */
function withoutLabels(texts: Texts): Texts {
  return q`label_replace(label_replace(${texts}, "cluster", "", "", ""), "namespace", "", "", "")`;
}
