/** Functions to run when the stack stops. */
export interface Cleanup {
  /** Runs at once when the cleanup has begun already. */
  add(close: () => Promise<void>): void;
  /** Runs all, first added first, each even if another failed; later calls wait for the first. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
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
    run: () => (closing ??= closeEach()),
  };
}
