import { UpstreamError } from '@bud-monitoring/client';

const day = 86_400;
/** Most seconds of a piece: a response that is late holds up no more than these. */
const longest = 8 * day;
/** Seconds of the first piece, of which nothing is known yet. */
const first = day;
/** A piece is to take no longer than this (ms): five times as much is what one request may take. */
const goodMs = 2000;
/** A piece that ran out of time is read in so many: it took as many times as long as it is to take, or longer. */
const afterTimeout = 4;
/** So many pieces may run out of time in a row: of a store that hangs nothing is to be had. */
const mostInVain = 6;
/** Pieces of one range that are read at once, when it is known how long they take. */
const atOnce = 2;

/** Times of a range that follow each other, the first and the last of them. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads times of a range, multiples of `step` in ascending order, piece by piece, the latest first. A store of a large
 * cluster may take minutes for a month: pieces are as long as it answers in good time, and one that runs out of time is
 * read in quarters, so that each is read some day and no other request waits for long. Throws what `read` throws.
 */
export async function readInPieces<T>(
  times: readonly number[],
  step: number,
  read: (piece: Piece) => Promise<T>,
  now: () => number = () => performance.now(),
): Promise<T[]> {
  const pointsIn = (seconds: number) => Math.max(1, Math.floor(seconds / step));
  const rest = runsOf(times, step);
  let most = pointsIn(first);
  let failed = false;
  let inVain = 0;
  const found: T[] = [];

  const next = (): Piece | undefined => {
    const run = rest.pop();
    if (run === undefined) return undefined;
    const start = Math.max(run.start, run.end - (most - 1) * step);
    if (start > run.start) rest.push({ start: run.start, end: start - step });
    return { start, end: run.end };
  };
  const readNext = async (piece: Piece): Promise<void> => {
    const points = (piece.end - piece.start) / step + 1;
    const began = now();
    try {
      found.push(await read(piece));
    } catch (error) {
      const isTooLong = error instanceof UpstreamError && error.code === 'timeout' && points > 1;
      inVain += 1;
      if (!isTooLong || inVain > mostInVain) throw error;
      rest.push(piece);
      most = Math.min(most, Math.max(1, Math.floor(points / afterTimeout)));
      return;
    }
    inVain = 0;
    const good = Math.floor(goodMs / Math.max(1, (now() - began) / points));
    most = Math.min(Math.max(1, good), pointsIn(longest));
  };
  const work = async () => {
    for (let piece = next(); piece !== undefined && !failed; piece = next())
      await readNext(piece).catch((error: unknown) => {
        failed = true;
        throw error;
      });
  };

  const begun = times.length > most ? next() : undefined;
  if (begun !== undefined) await readNext(begun);
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

/** Runs of times that follow each other. */
function runsOf(times: readonly number[], step: number): Piece[] {
  const runs: { start: number; end: number }[] = [];
  for (const time of times) {
    const last = runs.at(-1);
    if (last !== undefined && last.end + step === time) last.end = time;
    else runs.push({ start: time, end: time });
  }
  return runs;
}
