import type { Point } from './types';

/** Where a chart draws, in pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From values to pixels. */
export interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

export function scaleOf(
  frame: Frame,
  { from, to }: { from: number; to: number },
  most: number,
): Scale {
  const width = frame.right - frame.left;
  const height = frame.bottom - frame.top;
  const span = Math.max(1, to - from);
  return {
    x: (at) => frame.left + ((at - from) / span) * width,
    y: (value) => frame.bottom - (value / most) * height,
  };
}

/** The stretches of a series that have values: where nothing was measured, nothing is drawn. */
export function runsOf(points: readonly Point[]): readonly (readonly Measured[])[] {
  const runs: Measured[][] = [];
  let open = false;
  for (const { at, value } of points) {
    if (value === null) open = false;
    else if (open) runs.at(-1)?.push({ at, value });
    else {
      runs.push([{ at, value }]);
      open = true;
    }
  }
  return runs;
}

interface Measured {
  readonly at: number;
  readonly value: number;
}

/** The path of a run; one point alone is a short dash, else it would not be seen. */
export function lineOf(run: readonly Measured[], { x, y }: Scale): string {
  const [first, second] = run;
  if (first && !second) return `M${px(x(first.at) - 2)} ${px(y(first.value))}h4`;
  return run
    .map(({ at, value }, place) => `${place === 0 ? 'M' : 'L'}${px(x(at))} ${px(y(value))}`)
    .join('');
}

/** What lies below a run. */
export function areaOf(run: readonly Measured[], scale: Scale, { bottom }: Frame): string {
  const [first] = run;
  if (!first || run.length === 1) return '';
  return `${lineOf(run, scale)}V${bottom}H${px(scale.x(first.at))}Z`;
}

const px = (value: number) => Math.round(value * 10) / 10;

/** The place of the point that is nearest to a moment; -1 where there is none. */
export function nearest(points: readonly Point[], at: number): number {
  let best = -1;
  let distance = Infinity;
  points.forEach((point, place) => {
    const own = Math.abs(point.at - at);
    if (own < distance) [best, distance] = [place, own];
  });
  return best;
}
