import { startStack } from '@bud-monitoring/stack';
import type { Stack } from '@bud-monitoring/stack';

import type { Dialect } from './expressions.js';
import { cluster, generateFleet, namespaces, several } from './fleet.js';
import { remoteWrite, type WrittenSeries as Series } from '../../stack/src/fleet/index.js';

/** Stores of one fleet: all of it, our cluster alone, its two namespaces alone, and what is seen of several clusters. */
export interface Stores extends AsyncDisposable {
  readonly full: string;
  readonly cluster: string;
  readonly namespaces: string;
  readonly several: string;
}

const flags: Record<Exclude<Dialect, 'VictoriaMetrics'>, string[]> = {
  '2.42': ['--enable-feature=native-histograms,promql-negative-offset'],
  '3.16': ['--enable-feature=promql-experimental-functions,promql-binop-fill-modifiers'],
};

/** VictoriaMetrics knows no native histograms. */
const isOfFloats = ({ samples }: Series): boolean =>
  samples.every(({ value }) => typeof value === 'number');

/** Starts four stores of a kind and fills them with the fleet of a seed. */
export async function startStores(dialect: Dialect, seed: number): Promise<Stores> {
  const stacks: Stack[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stacks.map((stack) => stack.stop()));
  };
  const fleet = generateFleet(seed, { utf8: dialect === '3.16' });
  const start = async (keep: (series: Series) => boolean): Promise<string> => {
    const stack = await startStack(
      dialect === 'VictoriaMetrics'
        ? { victoriaMetrics: true }
        : { prometheus: { version: dialect === '3.16' ? '3' : 'system', flags: flags[dialect] } },
    );
    stacks.push(stack);
    const url = stack.prometheus?.url ?? stack.victoriaMetrics?.url ?? '';
    const kept = fleet.filter(keep);
    if (dialect !== 'VictoriaMetrics') await remoteWrite(url, kept);
    else {
      await remoteWrite(url, kept.filter(isOfFloats));
      await fetch(`${url}/internal/force_flush`);
    }
    return url;
  };
  const own = ({ labels }: Series): boolean => labels['cluster'] === cluster;
  try {
    const [full, single, limited, ofSeveral] = await Promise.all([
      start(() => true),
      start(own),
      start((series) => own(series) && namespaces.includes(series.labels['namespace'] ?? '')),
      start(({ labels }) => {
        const { cluster: id = '', namespace = '' } = labels;
        return several.get(id)?.includes(namespace) ?? false;
      }),
    ]);
    return {
      full,
      cluster: single,
      namespaces: limited,
      several: ofSeveral,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
