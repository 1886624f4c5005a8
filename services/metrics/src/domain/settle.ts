/** What became of a promise: its value, or the error it was rejected with. */
export type Settled<T> = { readonly answer: T } | { readonly failed: unknown };

/** Waits for a promise and never rejects, so that one failed source does not fail the others. */
export async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { answer: await promise };
  } catch (failed) {
    return { failed };
  }
}
