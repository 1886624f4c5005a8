/** What a command gets. */
export interface Foreground {
  /** Aborted by Ctrl-C, SIGTERM, or the death of the process that started this one. */
  signal: AbortSignal;
  /** Prints a line to standard error. */
  report: (line: string) => void;
}

/** Runs a command until it ends or is told to stop. The exit status is 1 when it throws. */
export async function inForeground(command: (foreground: Foreground) => Promise<void>) {
  const stopping = new AbortController();
  const stop = (why: string) => () => stopping.abort(new Error(why));
  process.on('SIGINT', stop('interrupted'));
  process.on('SIGTERM', stop('told to stop'));
  process.on('SIGHUP', stop('the terminal was closed'));
  process.on('disconnect', stop('the process that started this one is gone'));
  try {
    await command({ signal: stopping.signal, report: (line) => console.error(line) });
  } catch (error) {
    if (!stopping.signal.aborted) {
      process.exitCode = 1;
      console.error(error instanceof Error ? error.message : String(error));
    }
  } finally {
    // Disconnecting from the parent ourselves is no interruption.
    process.removeAllListeners('disconnect');
    if (process.connected) process.disconnect();
    process.removeAllListeners('SIGHUP');
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
