/** A body is longer than the limit. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(maxBytes: number) {
    super(
      `The answer is larger than ${Math.round(maxBytes / 2 ** 20)} MiB; ask for fewer series, a longer step or a shorter range`,
    );
  }
}

/** A body that several readers read while it arrives. */
export interface SharedBody {
  /** A reader from the first chunk on; null once the beginning is gone. */
  open(): BodyReader | null;
  /** All of it once it has arrived, unless it is longer than the window. */
  readonly complete: Buffer | null;
  /** Settles once nothing more arrives; rejects with what broke it off. */
  readonly ended: Promise<void>;
}

export interface BodyReader extends AsyncIterable<Buffer> {
  /** Stops reading. The source is abandoned with its last reader. */
  close(): void;
}

export interface ShareOptions {
  /** Bytes above which a body is broken off with `BodyTooLarge`. */
  maxBytes: number;
  /**
   * Bytes buffered for the slowest reader, for which the source waits. A body within these stays whole;
   * the beginning of a longer one is dropped when all have read it.
   */
  windowBytes: number;
  /** Called when the last reader leaves while it still arrives. */
  abandon: () => void;
}

/** Shares a body of which `first` has arrived; the rest is read from the first reader on. */
export function shareBody(
  { first, rest }: { first: Buffer; rest: AsyncIterable<Buffer> },
  { maxBytes, windowBytes, abandon }: ShareOptions,
): SharedBody {
  /** The buffer: `chunks[0]` is chunk number `dropped`, and begins at byte `droppedBytes`. */
  const chunks: Buffer[] = [first];
  let dropped = 0;
  let droppedBytes = 0;
  let size = first.length;
  const readers = new Set<{ next: number }>();
  let outcome: { error?: unknown } | undefined;
  let complete: Buffer | null = null;
  let isReading = false;
  const changed = createCondition();

  /** Drops what all have read, of a body that is longer than the window. */
  function trim(): void {
    if (size <= windowBytes) return;
    const slowest = Math.min(...[...readers].map(({ next }) => next));
    while (dropped < slowest && chunks.length > 0) {
      droppedBytes += chunks.shift()?.length ?? 0;
      dropped += 1;
    }
  }

  async function readSource(): Promise<void> {
    try {
      for await (const chunk of rest) {
        size += chunk.length;
        if (size > maxBytes) throw new BodyTooLarge(maxBytes);
        chunks.push(chunk);
        changed.notifyAll();
        trim();
        while (size - droppedBytes > windowBytes && readers.size > 0) {
          await changed.wait();
          trim();
        }
      }
      if (size <= windowBytes) complete = Buffer.concat(chunks);
      outcome = {};
    } catch (error) {
      outcome = { error };
    }
    changed.notifyAll();
  }

  async function endOf(): Promise<void> {
    while (outcome === undefined) await changed.wait();
    if ('error' in outcome) throw outcome.error;
  }

  async function* read(reader: { next: number }): AsyncGenerator<Buffer, void> {
    while (readers.has(reader)) {
      const chunk = chunks[reader.next - dropped];
      if (chunk !== undefined) {
        reader.next += 1;
        changed.notifyAll();
        yield chunk;
      } else if (outcome === undefined) {
        await changed.wait();
      } else if ('error' in outcome) {
        throw outcome.error;
      } else {
        return;
      }
    }
  }

  return {
    open() {
      if (dropped > 0) return null;
      const reader = { next: 0 };
      readers.add(reader);
      if (!isReading) void readSource();
      isReading = true;
      return {
        [Symbol.asyncIterator]: () => read(reader),
        close() {
          if (!readers.delete(reader)) return;
          changed.notifyAll();
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

/** A condition variable: wakes all that wait. */
function createCondition() {
  let wake: () => void = () => undefined;
  let waiting: Promise<void> | undefined;
  return {
    notifyAll() {
      wake();
      waiting = undefined;
    },
    wait: () => (waiting ??= new Promise<void>((resolve) => (wake = resolve))),
  };
}
