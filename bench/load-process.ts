import { fork } from 'node:child_process';

/** Who asks, as a process of its own; stop it, since it does not end by itself. */
export interface LoadProcess<Load, Result> {
  /** What came of a load; rejects where the process ends before. */
  run(load: Load): Promise<Result>;
  stop(): void;
}

/** Starts a program that gets a load as a message, and answers with what came of it. */
export function startLoadProcess<Load extends object, Result>(
  program: URL,
): LoadProcess<Load, Result> {
  const child = fork(program);
  return {
    run: (load) =>
      new Promise((resolve, reject) => {
        child.removeAllListeners();
        child.once('message', (message) => resolve(message as Result));
        child.once('exit', (code) => reject(new Error(`the client ended with ${String(code)}`)));
        child.send(load);
      }),
    stop() {
      child.removeAllListeners();
      child.kill();
    },
  };
}
