import type { Timers } from '../ports.js';

/** The longest delay of `setTimeout`; a caller that asked for more is called early and waits again. */
const longestMs = 2 ** 31 - 1;

/** Timers of this process. */
export const systemTimers: Timers = {
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestMs));
    return () => clearTimeout(timer);
  },
};
