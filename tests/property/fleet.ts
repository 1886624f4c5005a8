import type {
  NativeHistogram,
  WrittenSample as Sample,
  WrittenSeries as Series,
} from '../../stack/src/fleet/index.js';

/** The cluster that queries are scoped to. */
export const cluster = '0b7e8f1a-3c52-4f0b-9d53-6a3c0a1f2b4d';

/** Another cluster of the fleet. */
const stranger = '5d3f5a52-1d0e-4a53-8d3c-0d9f0f6f7a11';

/** The namespaces of a caller who is limited to some. */
export const namespaces = ['a', 'b'];

/** What a caller sees of a fleet who is limited to other namespaces in each cluster. */
export const several: ReadonlyMap<string, readonly string[]> = new Map([
  [cluster, namespaces],
  [stranger, ['b', 'c']],
]);

/** Others in the same store: a stranger, two whose ids look much like ours, and series of no cluster. */
const clusters = [stranger, `${cluster}-b`, cluster, cluster.replace(/d$/, 'e'), ''];

/** Unix seconds; an hour of samples, one in 30 s. */
export const firstSample = 1_700_000_000;
const interval = 30;
const samples = 121;

/**
 * The same instances, jobs and namespaces in every cluster, each with figures of its own, so that a series of
 * another cluster that gets in changes the answer. Series begin late, end early, have gaps; counters reset.
 */
export function generateFleet(seed: number, options: { utf8: boolean }): Series[] {
  const random = generator(seed);
  return clusters.flatMap((name, index) => clusterSeries(name, index, random, options));
}

function clusterSeries(
  name: string,
  index: number,
  random: () => number,
  options: { utf8: boolean },
): Series[] {
  const found: Series[] = [];
  const add = (labels: Record<string, string>, sample: (step: number) => Sample['value']): void => {
    // A label without a value is no label.
    const present = Object.entries({ cluster: name, ...labels }).filter(
      ([, value]) => value !== '',
    );
    const from = random() < 0.15 ? Math.floor(random() * 60) : 0;
    const to = random() < 0.15 ? 60 + Math.floor(random() * 60) : samples;
    const gap = random() < 0.2 ? 20 + Math.floor(random() * 60) : samples;
    const kept: Sample[] = [];
    for (let step = 0; step < samples; step += 1) {
      const value = sample(step);
      if (step < from || step >= to || (step >= gap && step < gap + 15)) continue;
      kept.push({ time: (firstSample + step * interval) * 1_000, value });
    }
    found.push({ labels: Object.fromEntries(present), samples: kept });
  };
  const level = 100 * (index + 1);
  const gauge = () => level + 80 * (random() - 0.5);
  for (const instance of ['i1', 'i2', 'i3']) {
    const job = instance === 'i3' ? 'api' : 'node';
    const namespace = { i1: 'a', i2: 'b', i3: 'c' }[instance] ?? '';
    const target = { instance, job, namespace };
    for (const mode of ['user', 'system']) {
      add({ __name__: 'temp', ...target, mode }, gauge);
      add({ __name__: 'load', ...target, mode }, () => gauge() / 50 - 2);
      add({ __name__: 'reqs_total', ...target, mode }, counter(random, level));
    }
    add({ __name__: 'up', ...target }, () => (random() < 0.8 ? 1 : 0));
    add({ __name__: 'build_info', ...target, version: `v${index}.${instance}` }, () => 1);
    const bounds = ['0.1', '1', '10', '+Inf'];
    bounds.forEach((le, bound) => {
      let total = 0;
      add({ __name__: 'lat_bucket', ...target, le }, () => {
        total += Math.floor(random() * level) * (bound + 1);
        return total;
      });
    });
    add({ __name__: 'nlat', ...target }, histogram(random, level));
    if (options.utf8)
      add({ __name__: 'http.req.dur', ...target, 'k8s.pod': `p-${instance}` }, gauge);
  }
  add({ __name__: 'fleet_size' }, gauge);
  if (name !== cluster) add({ __name__: 'only_elsewhere', instance: 'i1' }, gauge);
  return found;
}

function counter(random: () => number, level: number): (step: number) => number {
  let total = level * random();
  return () => {
    total = random() < 0.03 ? random() : total + level * random();
    return total;
  };
}

function histogram(random: () => number, level: number): () => NativeHistogram {
  let buckets = [1, 1, 1, 1, 1];
  let sum = 0;
  return () => {
    if (random() < 0.03) {
      buckets = [0, 0, 0, 0, 0];
      sum = 0;
    }
    buckets = buckets.map((count) => count + Math.floor((random() * level) / 10));
    sum += level * random();
    return { sum, buckets };
  };
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
