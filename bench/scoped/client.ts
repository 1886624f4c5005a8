import { startLoadProcess } from '../load-process.js';
import type { Load, Measured, Target } from './http-load.js';

export type { Load, Measured, Target };

/** The client as a process of its own. */
export const startClient = () =>
  startLoadProcess<Load, Measured>(new URL('./http-load.js', import.meta.url));
