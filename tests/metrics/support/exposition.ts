import { readFileSync } from 'node:fs';
import { constant, ramp, series, type KnownSeries } from '../../../stack/src/fleet/index.js';

const folder = new URL('../../fixtures/inference/', import.meta.url);

/**
 * The series of an instance that exposes what a fixture says: gauges as they are; what is counted grows by the
 * value in an hour.
 */
export function expositionSeries(
  fixture: string,
  labels: Readonly<Record<string, string>>,
): KnownSeries[] {
  const types = new Map<string, string>();
  return readFileSync(new URL(`${fixture}.txt`, folder), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, typed = '', type = ''] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
      if (typed !== '') types.set(typed, type);
      const [, name = '', inner = '', value = ''] =
        /^([^\s{#]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') return [];
      const own: Record<string, string> = {};
      for (const [, key = '', text = ''] of inner.matchAll(/(\w+)="([^"]*)"/g)) own[key] = text;
      const isGauge = types.get(name) === 'gauge';
      const values = isGauge ? constant(Number(value)) : ramp(Number(value) / 3600);
      return [series(name, { ...labels, ...own }, values)];
    });
}
