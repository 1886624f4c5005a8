/** A body is longer than is handed on. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(maxBytes: number) {
    super(
      `The answer is larger than ${Math.round(maxBytes / 2 ** 20)} MiB; ask for fewer series, a longer step or a shorter range`,
    );
  }
}

/** A body that several readers follow while it comes in. */
export interface SharedBody {
  /** A reader from the first piece on; null once the beginning is gone. */
  open(): BodyReader | null;
  /** All of it once it has come in, unless it is longer than is held. */
  readonly complete: Buffer | null;
  /** Settles once nothing more comes in; rejects with what broke it off. */
  readonly ended: Promise<void>;
}

export interface BodyReader extends AsyncIterable<Buffer> {
  /** Nothing more is wanted. The source ends with its last reader. */
  close(): void;
}

export interface ShareOptions {
  /** Bytes above which a body is broken off. */
  maxBytes: number;
  /**
   * Bytes held for whoever reads slowest: the source waits for it. A body within these stays whole;
   * the beginning of a longer one is let go when all have read it.
   */
  windowBytes: number;
  /** Called when nobody reads any more while it still comes in. */
  abandon: () => void;
}

/** Shares a body of which `first` has come; the rest is followed from the first reader on. */
export function shareBody(
  { first, rest }: { first: Buffer; rest: AsyncIterable<Buffer> },
  { maxBytes, windowBytes, abandon }: ShareOptions,
): SharedBody {
  /** What is held: the piece at `pieces[0]` is the one number `gone`, and begins at byte `goneBytes`. */
  const pieces: Buffer[] = [first];
  let gone = 0;
  let goneBytes = 0;
  let size = first.length;
  const readers = new Set<{ next: number }>();
  let outcome: { error?: unknown } | undefined;
  let complete: Buffer | null = null;
  let follows = false;
  const bell = createBell();

  /** Lets go of what all have read, of a body that is longer than is held. */
  function trim(): void {
    if (size <= windowBytes) return;
    const slowest = Math.min(...[...readers].map(({ next }) => next));
    while (gone < slowest && pieces.length > 0) {
      goneBytes += pieces.shift()?.length ?? 0;
      gone += 1;
    }
  }

  async function follow(): Promise<void> {
    try {
      for await (const piece of rest) {
        size += piece.length;
        if (size > maxBytes) throw new BodyTooLarge(maxBytes);
        pieces.push(piece);
        bell.ring();
        trim();
        while (size - goneBytes > windowBytes && readers.size > 0) {
          await bell.rung();
          trim();
        }
      }
      if (size <= windowBytes) complete = Buffer.concat(pieces);
      outcome = {};
    } catch (error) {
      outcome = { error };
    }
    bell.ring();
  }

  async function endOf(): Promise<void> {
    while (outcome === undefined) await bell.rung();
    if ('error' in outcome) throw outcome.error;
  }

  async function* read(reader: { next: number }): AsyncGenerator<Buffer, void> {
    while (readers.has(reader)) {
      const piece = pieces[reader.next - gone];
      if (piece !== undefined) {
        reader.next += 1;
        bell.ring();
        yield piece;
      } else if (outcome === undefined) {
        await bell.rung();
      } else if ('error' in outcome) {
        throw outcome.error;
      } else {
        return;
      }
    }
  }

  return {
    open() {
      if (gone > 0) return null;
      const reader = { next: 0 };
      readers.add(reader);
      if (!follows) void follow();
      follows = true;
      return {
        [Symbol.asyncIterator]: () => read(reader),
        close() {
          if (!readers.delete(reader)) return;
          bell.ring();
          if (readers.size === 0 && outcome === undefined) abandon();
        },
      };
    },
    ended: endOf(),
    get complete() {
      return complete;
    },
  };
}

/** Wakes all who wait. */
function createBell() {
  let wake: () => void = () => undefined;
  let news: Promise<void> | undefined;
  return {
    ring() {
      wake();
      news = undefined;
    },
    rung: () => (news ??= new Promise<void>((resolve) => (wake = resolve))),
  };
}
