/** A body that several readers follow while it still comes in. */
export interface SharedBody {
  /** Pieces from the first on; throws what broke the body off. Ends the source when all readers left. */
  read(): AsyncGenerator<Buffer, void>;
  /** All of it. */
  whole(): Promise<Buffer>;
}

/** A body is longer than is handed on. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Follows `source` at its own pace up to `maxBytes`; `abandon` is called when nobody reads any more. */
export function shareBody(
  source: AsyncIterable<Buffer>,
  { maxBytes, abandon }: { maxBytes: number; abandon: () => void },
): SharedBody {
  const pieces: Buffer[] = [];
  let readers = 0;
  let outcome: { error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  let news = new Promise<void>((resolve) => (wake = resolve));

  function tell(): void {
    wake();
    news = new Promise<void>((resolve) => (wake = resolve));
  }

  async function follow(): Promise<void> {
    let size = 0;
    for await (const piece of source) {
      size += piece.length;
      if (size > maxBytes) throw new BodyTooLarge(`the answer is larger than ${maxBytes} bytes`);
      pieces.push(piece);
      tell();
    }
  }
  const followed = follow().then(
    () => void (outcome = {}),
    (error: unknown) => void (outcome = { error }),
  );
  void followed.then(tell);

  return {
    async *read() {
      readers += 1;
      try {
        for (let index = 0; ;) {
          const piece = pieces[index];
          if (piece !== undefined) {
            index += 1;
            yield piece;
          } else if (outcome === undefined) {
            await news;
          } else if ('error' in outcome) {
            throw outcome.error;
          } else {
            return;
          }
        }
      } finally {
        readers -= 1;
        if (readers === 0 && outcome === undefined) abandon();
      }
    },
    async whole() {
      await followed;
      if (outcome !== undefined && 'error' in outcome) throw outcome.error;
      return Buffer.concat(pieces);
    },
  };
}
