/**
 * Work of several requests to the store that is no use without any of them: where it fails its signal is aborted, so that
 * answers which nobody reads any more give up their places. Throws what `work` throws.
 */
export async function together<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const failed = new AbortController();
  try {
    return await work(AbortSignal.any([signal, failed.signal]));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}
