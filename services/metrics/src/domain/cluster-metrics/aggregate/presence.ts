import type { Node } from '../../nodes/inventory.js';
import { createPace } from '../../turns/pace.js';
import { longestGap } from '../../time-base/sample-times.js';
import { clip, lengthOf, unionOf } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { WindowPart } from './window-part.js';

/** When nodes were there, for what they weigh among others. */
export interface Presence {
  /** Seconds of a part in which a node was there. */
  readonly seconds: (node: Node, part: WindowPart) => number;
  /** Seconds in which any was. */
  readonly any: number;
}

/** The presence of nodes in a window, worked out once for all metrics. */
export type PresenceOf = (nodes: readonly Node[]) => Promise<Presence>;

/** Remembers the presence of the nodes it was asked for last. */
export function createPresenceOf(parts: readonly WindowPart[]): PresenceOf {
  let last: { nodes: readonly Node[]; presence: Promise<Presence> } | undefined;
  return (nodes) => {
    if (last?.nodes !== nodes) last = { nodes, presence: presenceOf(parts, nodes) };
    return last.presence;
  };
}

/** When these nodes were there in a window; all along where the cluster has no node-exporter. */
async function presenceOf(parts: readonly WindowPart[], nodes: readonly Node[]): Promise<Presence> {
  if (parts.every(({ nodes: own }) => own === null)) {
    const lengthOfPart = ({ range }: WindowPart) => range.end - range.start;
    return {
      seconds: (_node, part) => lengthOfPart(part),
      any: parts.reduce((sum, part) => sum + lengthOfPart(part), 0),
    };
  }
  const runs = new Map<Node, { interval: number; present: TimeRange[] }>();
  const pace = createPace();
  for (const node of nodes) {
    await pace();
    const own = parts.flatMap((part) => part.nodes?.get(node) ?? []);
    const interval = Math.max(0, ...own.map((block) => block.interval));
    const present = unionOf(own.flatMap((block) => block.present));
    if (present.length > 0) runs.set(node, { interval, present });
  }
  const { any, present } = inPhase(runs);
  const known = new Map<WindowPart, Map<Node, number>>(parts.map((part) => [part, new Map()]));
  return {
    seconds(node, part) {
      const own = known.get(part);
      const seconds = own?.get(node) ?? lengthOf(clip(present.get(node) ?? [], part.range));
      own?.set(node, seconds);
      return seconds;
    },
    any: lengthOf(any),
  };
}

/**
 * When things were there, and when any of them was. One whose first or last sample is less than one and a half
 * intervals from that of all is not absent meanwhile: its scrapes only have another phase.
 */
function inPhase<T>(
  things: ReadonlyMap<T, { readonly interval: number; readonly present: readonly TimeRange[] }>,
): { any: TimeRange[]; present: Map<T, TimeRange[]> } {
  const any = unionOf(
    [...things.values()].flatMap(({ present }) => present),
    longestGap,
  );
  const present = new Map(
    [...things].map(([thing, own]) => {
      // One exporter after another, in pods that are replaced, is a node that was there all along.
      const bridged = unionOf(own.present, Math.max(longestGap, 4 * own.interval));
      const stretched = bridged.map(({ start, end }) => {
        const around = any.find((one) => one.start <= start && end <= one.end) ?? { start, end };
        const isNear = (distance: number) => distance <= 1.5 * own.interval;
        return {
          start: isNear(start - around.start) ? around.start : start,
          end: isNear(around.end - end) ? around.end : end,
        };
      });
      return [thing, unionOf(stretched)] as const;
    }),
  );
  return { any, present };
}

/** Something that was measured over some seconds, when it was there, and seconds between its samples. */
export interface Covered {
  readonly seconds: number;
  readonly present: readonly TimeRange[];
  readonly interval: number;
}

/**
 * Mean of amounts together: each for the time it was there, over the time any was. `totalOf` is its mean times its
 * seconds. Null where nothing was measured.
 */
export function meanTogether<T extends Covered>(
  things: readonly T[],
  totalOf: (thing: T) => number,
): number | null {
  const measured = things.filter(({ seconds }) => seconds > 0);
  if (measured.length === 0) return null;
  const { any, present } = inPhase(new Map(measured.map((thing) => [thing, thing])));
  let sum = 0;
  for (const thing of measured)
    sum += (totalOf(thing) / thing.seconds) * lengthOf(present.get(thing) ?? []);
  return sum / lengthOf(any);
}
