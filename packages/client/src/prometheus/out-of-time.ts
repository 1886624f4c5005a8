/** How stores say that the time ran out where they call it a fault of the query (`execution`, 422). */
const outOfTime =
  /(?:^|: )(?:query timed out in|context deadline exceeded)|\b(?:timeout|deadline) exceeded\b/;

/**
 * Whether the message of an error of the type `execution` tells of a timeout: Prometheus says so where the time
 * ends while it selects series, and would answer the same query given more.
 */
export const isOutOfTime = (message: string): boolean => outOfTime.test(message);
