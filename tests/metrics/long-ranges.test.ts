import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constant, ramp, series, steps, type ValueAt } from '../../stack/src/fleet/index.js';
import { growthOf, meanOf } from './support/answers.js';
import { nodeSeries } from './support/exporter.js';
import { day, expectNear, gib, mbps } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { startStore } from './support/store.js';

const plain = '0c000000-0000-4000-8000-000000000001';
const ruled = '0c000000-0000-4000-8000-000000000002';
const misruled = '0c000000-0000-4000-8000-000000000003';
const expired = '0c000000-0000-4000-8000-000000000004';

/** Neither end nor start of a window is midnight. */
const end = Date.parse('2026-03-10T15:32:10Z') / 1000;
const sampled = { start: Math.floor((end - 62 * day) / 300) * 300, interval: 300 };
const dense = { start: Math.floor((end - 16 * day) / 60) * 60, interval: 60 };

/** A week of growth after weeks of rest, up and down by day. */
const free: ValueAt = (elapsed) =>
  8 * gib - 2 * gib * Math.sin(elapsed / 20_000) - (elapsed / (62 * day)) * 4 * gib;
const received: ValueAt = (elapsed) => {
  const grown = (t: number) => 200_000 * t + 0.05 * t * t;
  const reset = 40 * day + 5_000;
  return elapsed < reset ? grown(elapsed) : grown(elapsed) - grown(reset);
};
const busy = steps([
  [0, 0.2],
  [31 * day, 0.6],
]);
const busySeconds: ValueAt = (elapsed) =>
  0.2 * Math.min(elapsed, 31 * day) + 0.6 * Math.max(0, elapsed - 31 * day);
/** Gone ten days ago. */
const gone = end - 10 * day - 3_333;

const node = (cluster: string, name: string) => ({
  cluster,
  job: 'node',
  instance: `${name}:9100`,
});

describe.each(['system', 'victoria-metrics'] as const)('on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    const one = node(plain, 'one');
    const rule = (elapsed: number, t: number) => busy(elapsed + dense.start - sampled.start, t);
    store = await startStore(
      [
        {
          ...{ ...sampled, end },
          series: [
            ...nodeSeries(one, { free, received, busy: busySeconds, nodename: 'one' }),
            ...nodeSeries(node(plain, 'two'), {
              received: ramp(4_000_000),
              cores: 6,
              busy: ramp(0.1),
              alive: (elapsed) => elapsed <= gone - sampled.start,
            }),
          ],
        },
        {
          ...{ ...dense, end },
          series: [
            ...nodeSeries(node(ruled, 'one'), { busy: ramp(0.585) }),
            // The rule is a little above the raw series, so that it shows which was read.
            series('instance:node_cpu_utilisation:rate5m', node(ruled, 'one'), rule),
            series('node_load1', node(ruled, 'one'), constant(1)),
            ...nodeSeries(node(misruled, 'one'), { busy: ramp(0.2) }),
            series('instance:node_cpu_utilisation:rate5m', node(misruled, 'one'), constant(0.58)),
            // Counters that are gone after a day, as where a store keeps rules for longer.
            ...nodeSeries(node(expired, 'one'), {
              busy: ramp(0.3),
              alive: (elapsed) => elapsed > end - day - dense.start,
            }),
            series('instance:node_cpu_utilisation:rate5m', node(expired, 'one'), constant(0.3)),
          ],
        },
      ],
      version,
    );
    service = await startService({ prometheus: store.url, now: end });
  }, 240_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  const percent = (from: number, to: number) =>
    100 * (1 - meanOf(free, from, to, sampled) / gib / 16);
  const rate = (from: number, to: number) => mbps(growthOf(received, from, to, sampled), to - from);

  describe.each([
    ['7days', 7],
    ['month', 30],
  ])('%s', (range, days) => {
    const start = end - days * day;

    it('compares with the range of the same length before', async () => {
      const { nodes, window } = await service.metrics(plain, `series=false&time_range=${range}`);
      expect(window).toMatchObject({
        start,
        end,
        previous: { start: start - days * day, end: start },
      });
      const { memory, network_in: network, cpu } = nodes['one:9100']!;
      const [now, before] = [percent(start, end), percent(start - days * day, start)];
      expectNear(memory!.average, now);
      expectNear(memory!.previous_average, before);
      expectNear(memory!.change_percent, now - before, 0.02);
      const [fast, slow] = [rate(start, end), rate(start - days * day, start)];
      expectNear(network!.average, fast);
      expectNear(network!.previous_average, slow);
      expectNear(network!.change_percent, (100 * (fast - slow)) / slow, 0.01);
      const cores = (from: number, to: number) =>
        (100 * (busySeconds(to - sampled.start, to)! - busySeconds(from - sampled.start, from)!)) /
        (to - from);
      expectNear(cpu!.average, cores(start, end));
      expectNear(cpu!.previous_average, cores(start - days * day, start));
      expectNear(
        memory!.usage_percent,
        100 * (1 - free(Math.floor((end - sampled.start) / 300) * 300, end)! / gib / 16),
      );
    });

    it('has a series of means, aligned to the step', async () => {
      const { nodes, window } = await service.metrics(plain, `series=columns&time_range=${range}`);
      const columns = nodes['one:9100']!.memory!.time_series as {
        start: number;
        step: number;
        values: number[];
        end: number;
      };
      expect(columns.end).toBe(end);
      const timeOf = (index: number) =>
        index === columns.values.length - 1 ? end : columns.start + index * columns.step;
      const lastStart = columns.start + (columns.values.length - 2) * columns.step;
      expect(columns.start % window.step).toBe(0);
      expect(columns.start).toBeGreaterThanOrEqual(start);
      expect([lastStart < end, lastStart + columns.step > end]).toEqual([true, true]);
      expect(columns.values.length).toBeGreaterThanOrEqual(days * (day / window.step) - 1);
      const network = nodes['one:9100']!.network_in!.time_series as typeof columns;
      for (const index of [0, 5, columns.values.length - 1]) {
        const to = timeOf(index);
        const from = to === end ? lastStart : to - columns.step;
        expectNear(columns.values[index], percent(from, to));
        // Few samples of a rate that grows are at the unfinished end.
        expectNear(network.values[index], rate(from, to), to === end ? 0.02 : undefined);
      }
      const again = await service.metrics(plain, `series=true&time_range=${range}`);
      const points = again.nodes['one:9100']!.memory!.time_series as {
        timestamp: number;
        interval_start: number;
        value: number;
      }[];
      expect(points.at(-1)).toEqual({
        timestamp: end,
        interval_start: lastStart,
        value: columns.values.at(-1),
      });
      expect(points.at(-2)!.interval_start).toBe(lastStart - columns.step);
    });
  });

  describe('month', () => {
    it('counts a node for the time it was there', async () => {
      const {
        nodes,
        cluster_summary: summary,
        coverage,
      } = await service.metrics(plain, 'series=false&time_range=month');
      const two = nodes['two:9100']!;
      expect(two.last_seen).toBe(sampled.start + Math.floor((gone - sampled.start) / 300) * 300);
      expectNear(two.network_in!.average, 32);
      expect(two.network_in!.inbound_mbps).toBeNull();
      const there = 30 * day - (end - gone);
      const start = end - 30 * day;
      expectNear(summary.network_in!.average, rate(start, end) + (32 * there) / (30 * day));
      expectNear(summary.network_in!.previous_average, rate(start - 30 * day, start) + 32);
      expect(coverage).toMatchObject({ nodes_expected: 2, nodes_reporting: 1 });
    });
  });

  describe('a free range', () => {
    const from = Date.parse('2026-02-20T06:07:00Z') / 1000;
    const to = Date.parse('2026-02-20T09:07:00Z') / 1000;

    it('is answered as it stands, in the past too', async () => {
      const { nodes, window, time_range } = await service.metrics(
        plain,
        'start=2026-02-20T07:07:00%2B01:00&end=1771578420&step=30m',
      );
      expect(time_range).toBe('custom');
      expect(window).toEqual({
        start: from,
        end: to,
        step: 1800,
        previous: { start: from - 10_800, end: from },
      });
      const { memory, network_in: network } = nodes['one:9100']!;
      expectNear(
        memory!.usage_percent,
        100 * (1 - free(Math.floor((to - sampled.start) / 300) * 300, to)! / gib / 16),
      );
      expectNear(memory!.average, percent(from, to));
      expectNear(network!.average, rate(from, to));
      expectNear(network!.previous_average, rate(from - 10_800, from));
      const points = memory!.time_series as { timestamp: number; value: number }[];
      expect(points.map(({ timestamp }) => timestamp)).toEqual(
        [1, 2, 3, 4, 5, 6].map((n) => from - 420 + n * 1800),
      );
      expectNear(points[2]!.value, percent(points[2]!.timestamp - 1800, points[2]!.timestamp));
    });
  });

  describe('a cluster with recording rules', () => {
    it('takes its CPU means from them over more than an hour, and the figure at the end from the counters', async () => {
      const { nodes } = await service.metrics(
        ruled,
        'series=false&time_range=7days&metric_type=cpu',
      );
      expectNear(nodes['one:9100']!.cpu!.average, 60);
      expectNear(nodes['one:9100']!.cpu!.previous_average, 60);
      expectNear(nodes['one:9100']!.cpu!.usage_percent, 58.5);
    });

    it('does not over an hour or less', async () => {
      const { nodes } = await service.metrics(
        ruled,
        'series=false&time_range=10min&metric_type=cpu',
      );
      expectNear(nodes['one:9100']!.cpu!.average, 58.5);
    });

    it('passes over rules that count something else', async () => {
      const query = 'series=false&time_range=7days&metric_type=cpu';
      const { nodes } = await service.metrics(misruled, query);
      expectNear(nodes['one:9100']!.cpu!.average, 20);
      expectNear(nodes['one:9100']!.cpu!.usage_percent, 20);
    });

    it('serves from them what the counters do not hold any more', async () => {
      const past = end - 9 * day;
      for (const step of [60, 600, 7200]) {
        const range = `start=${past - day}&end=${past}&step=${step}&series=columns`;
        const answer = await service.metrics(expired, `${range}&metric_type=cpu`);
        const { cpu } = answer.nodes['one:9100']!;
        expectNear(cpu!.usage_percent, 30);
        expectNear(cpu!.average, 30);
        expectNear(answer.cluster_summary.cpu!.usage_percent, 30);
        expectNear(answer.cluster_summary.cpu!.average, 30);
        const { values } = cpu!.time_series as { values: (number | null)[] };
        expect(values.filter((value) => value === null).length).toBeLessThan(2);
        expect(answer.warnings.map(({ code }) => code)).not.toContain('no_data');
      }
      const week = await service.metrics(expired, `start=${end - 7 * day}&end=${end}&step=3600`);
      const points = week.nodes['one:9100']!.cpu!.time_series as { value: number | null }[];
      expect(points.filter(({ value }) => value !== null).length).toBeGreaterThanOrEqual(167);
      expectNear(week.cluster_summary.cpu!.average, 30);
    });
  });
});
