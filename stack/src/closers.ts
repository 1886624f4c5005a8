/** What must be closed at the end. */
export interface Closers {
  /** Closes at once when closing has begun already. */
  add(close: () => Promise<void>): void;
  /** Runs all, first added first, each even if another failed; later calls wait for the first. */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const waiting: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;

  async function closeEach(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = waiting.shift(); close; close = waiting.shift()) {
      await close().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  return {
    add(close) {
      if (closing) closing = closing.finally(close);
      else waiting.push(close);
    },
    closeAll: () => (closing ??= closeEach()),
  };
}
