const EVERY_MS = 10_000;

/** Takes one line for the person who waits. */
export type Report = (line: string) => void;

/** Says what is being done, every ten seconds for how long already, and at the end how long it took. */
export async function reported<T>(
  report: Report,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const seconds = () => Math.round((performance.now() - start) / 1000);
  report(`${what} ...`);
  const timer = setInterval(() => report(`${what} ... ${seconds()} s`), EVERY_MS);
  try {
    const result = await work();
    report(`${what}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
