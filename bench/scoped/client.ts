import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Load, Measured, Target } from './http-load.js';

export type { Load, Measured, Target };

/** The client as a process of its own. */
export function startClient() {
  const child = fork(fileURLToPath(new URL('./http-load.js', import.meta.url)));
  return {
    run: (load: Load) =>
      new Promise<Measured>((resolve, reject) => {
        child.removeAllListeners();
        child.once('message', (message) => resolve(message as Measured));
        child.once('exit', (code) => reject(new Error(`the client ended with ${String(code)}`)));
        child.send(load);
      }),
    stop() {
      child.removeAllListeners();
      child.kill();
    },
  };
}
