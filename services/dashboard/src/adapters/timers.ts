import type { Timers } from '../ports.js';

/** The longest `setTimeout` can wait; whoever wanted more is called early and waits again. */
const longestMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestMs));
    return () => clearTimeout(timer);
  },
};
