/** How stores say that the time ran out where they call it a fault of the query (`execution`, 422). */
const outOfTime =
  /(?:^|: )(?:query timed out in|context deadline exceeded)|\b(?:timeout|deadline) exceeded\b/;

/**
 * Whether an error that is told as a fault of the query (422) is a timeout: Prometheus says so where the time ends
 * while it selects series, and would answer the same query given more.
 */
export const isOutOfTime = (status: number, message: string): boolean =>
  status === 422 && outOfTime.test(message);
