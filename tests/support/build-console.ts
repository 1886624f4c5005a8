import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes the console's files below a directory, with Vite's manifest of them. */
export async function buildConsole(directory: string): Promise<void> {
  const vite = 'node_modules/vite/bin/vite.js';
  const options = ['--outDir', directory, '--emptyOutDir', '--manifest', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [vite, 'build', 'packages/console', ...options]);
}
