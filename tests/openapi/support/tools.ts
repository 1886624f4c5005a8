import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { executable, onPath } from '../../../stack/src/programs/find.js';

const schemathesis = 'schemathesis==4.32.5';
const redocly = '@redocly/cli@2.77.0';

export interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a program to its end, and gives all that it wrote. */
export function runTool(program: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

/**
 * schemathesis: the one that SCHEMATHESIS names, or one that is installed into a virtual environment in the cache.
 * Throws where there is no python3.
 */
export async function findSchemathesis(): Promise<string> {
  const named = process.env['SCHEMATHESIS'];
  if (named) return named;
  const directory = join(homedir(), '.cache/bud-monitoring', schemathesis);
  const program = join(directory, 'bin/st');
  if (await executable(program)) return program;
  const python = await onPath('python3', process.env);
  if (python === null) throw new Error('schemathesis needs python3, which is not installed');
  await mustRun(python, ['-m', 'venv', directory]);
  await mustRun(join(directory, 'bin/pip'), ['install', '--quiet', schemathesis]);
  return program;
}

/** redocly by npx, which installs it into its own cache. */
export const lint = (file: string) =>
  runTool('npx', ['--yes', redocly, 'lint', '--config', 'tests/openapi/redocly.yaml', file]);

async function mustRun(program: string, args: readonly string[]): Promise<void> {
  const { code, text } = await runTool(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${text}`);
}
