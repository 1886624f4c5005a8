import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../paths.js';
import { inForeground } from './foreground.js';

const jestResultSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  /** Files whose tests could not even be counted. */
  numRuntimeErrorTestSuites: z.number(),
});

await inForeground(async ({ signal, report }) => {
  const directory = await mkdtemp(join(tmpdir(), 'bud-monitoring-ci-'));
  const results = join(directory, 'jest.json');
  const steps: [name: string, npm: readonly string[]][] = [
    ['tests', ['test', '--', '--ci', '--json', `--outputFile=${results}`]],
    ['types', ['run', 'typecheck']],
    ['lint', ['run', 'lint']],
    ['format', ['run', 'format:check']],
    ['arrows', ['run', 'deps:check']],
    ['dead code', ['run', 'deadcode']],
    ['demo', ['run', 'demo', '--', '--once']],
  ];
  const broken: string[] = [];
  try {
    for (const [name, args] of steps) {
      signal.throwIfAborted();
      report(`--- ${name}`);
      if (!(await succeeds(args, signal))) broken.push(name);
    }
    const { passed, failed } = await counts(results);
    if (broken.length > 0) {
      process.exitCode = 1;
      report(`failed: ${broken.join(', ')}`);
    }
    console.log(`${passed} passed, ${failed} failed`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

async function succeeds(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  const child = spawn('npm', args, {
    cwd: ROOT,
    // npm's own warnings are about the machine's settings, not about this project.
    env: { ...process.env, npm_config_loglevel: 'error' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code === 0;
}

async function counts(file: string): Promise<{ passed: number; failed: number }> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return { passed: 0, failed: 1 };
  const result = jestResultSchema.parse(JSON.parse(text));
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
  };
}
