const waiting: (() => void)[] = [];

/**
 * Resolves when work of some milliseconds may begin: each iteration of the event loop begins one, first come, first
 * served. Where many answers arrive at once, a health check or a request that is refused waits for one of them and not
 * for all.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(begin);
  });
}

function begin(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(begin);
}
