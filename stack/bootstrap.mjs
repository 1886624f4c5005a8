// npm start, npm run dev, npm run demo, npm test and CI: makes sure that this checkout can run, then runs it.
// Plain Node without dependencies, since none may be installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const commands = ['demo', 'start', 'dev', 'test', 'ci'];
/** What stack/src/cli/prepare.ts exits with where opted-in tests cannot run. */
const SKIPPED = 77;

/** Whether a version is in ranges written as `>=1.2.3 <2.0.0 || >=3.0.0`. */
function isIn(ranges, version) {
  const number = (text) =>
    text.split('.').reduce((sum, part) => sum * 10_000 + Number.parseInt(part, 10), 0);
  return ranges.split('||').some((range) =>
    range
      .trim()
      .split(/\s+/)
      .every((comparator) => {
        const limit = number(comparator.replace(/^\D+/, ''));
        return comparator.startsWith('>=') ? number(version) >= limit : number(version) < limit;
      }),
  );
}

/** Whether node_modules holds what the lockfile says; what is optional may lack on this platform. */
function isInstalled() {
  const packages = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  try {
    const installed = packages('node_modules/.package-lock.json');
    return Object.entries(packages('package-lock.json')).every(
      ([path, { version, optional }]) =>
        optional || !path.includes('node_modules/') || installed[path]?.version === version,
    );
  } catch {
    return false;
  }
}

/** Runs a program to its end; signals go on to it. Gives its exit status. */
function run(program, args, { quiet = false, link = false, env = process.env } = {}) {
  const inherited = ['inherit', quiet ? 2 : 'inherit', 'inherit'];
  const child = spawn(program, args, {
    cwd: root,
    env,
    stdio: link ? [...inherited, 'ipc'] : inherited,
  });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  signals.forEach((signal) => process.on(signal, forward));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  }).finally(() => signals.forEach((signal) => process.off(signal, forward)));
}

/** Killed by -9, npm takes nobody along: notice that it is gone. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const ps = spawnSync('ps', ['-o', 'ppid=,args=', '-p', `${process.ppid}`], { encoding: 'utf8' });
  // Between npm and this process most shells stay, and outlive npm.
  const [, parent] = /^\s*(\d+) \S*sh -c .*bootstrap\.mjs/.exec(ps.stdout ?? '') ?? [];
  const npm = Number(parent ?? process.ppid);
  setInterval(() => {
    if (!isAlive(npm)) process.kill(process.pid, 'SIGTERM');
  }, 1000).unref();
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** One at a time in this checkout: two installations at once leave half of each. */
async function alone(work) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const lock = join(tmpdir(), `bud-monitoring-${id}.lock`);
  while (!take(lock)) await sleep(250);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A holder that died does not keep the lock. */
function take(lock) {
  const own = `${lock}-${process.pid}`;
  writeFileSync(own, `${process.pid}`);
  try {
    linkSync(own, lock); // in one step with its content, and only where there is none
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
  try {
    if (!isAlive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
  } catch {
    // given back just now
  }
  return false;
}

/** Whether the console's files are older than what they are made from; a folder is as new as its last change. */
function isConsoleStale() {
  const made = newest('packages/console/dist/index.html');
  const sources = [
    'console/src',
    'console/public',
    'console/index.html',
    'console/vite.config.mjs',
  ];
  const shared = ['browser/src', 'contracts/src/api'];
  return [...sources, ...shared].some((path) => newest(`packages/${path}`) > made);
}

/** When a file, or anything below a folder, was changed last; 0 for what is not there. */
function newest(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  return Math.max(
    found.mtimeMs,
    ...readdirSync(join(root, path)).map((n) => newest(join(path, n))),
  );
}

/** Packages as the lockfile says, what TypeScript makes of the sources, and the console's files. */
async function prepare() {
  if (!isInstalled()) {
    console.error('installing npm packages ...');
    const code = await run('npm', ['ci', '--ignore-scripts', '--loglevel=error'], { quiet: true });
    if (code !== 0) return code;
  }
  const built = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], {
    quiet: true,
  });
  if (built !== 0 || !isConsoleStale()) return built;
  const vite = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel=warn'];
  return run(process.execPath, [...vite, 'packages/console'], { quiet: true });
}

async function main() {
  const [command, ...args] = process.argv.slice(2);
  if (!commands.includes(command)) {
    console.error(`usage: node stack/bootstrap.mjs ${commands.join('|')} [arguments]`);
    return 2;
  }
  const { node } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines;
  if (!isIn(node, process.versions.node)) {
    console.error(`Node ${process.versions.node} will not do: this needs ${node}`);
    return 1;
  }
  stopWithNpm();

  const prepared = await alone(prepare);
  if (prepared !== 0) return prepared;

  if (command === 'test') {
    const found = await run(process.execPath, ['stack/dist/cli/prepare.js'], { link: true });
    if (found === SKIPPED) return 0;
    if (found !== 0) return found;
    const options = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
    const env = { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${options}` };
    return run(process.execPath, ['node_modules/jest/bin/jest.js', ...args], { env });
  }
  return run(process.execPath, [`stack/dist/cli/${command}.js`, ...args], { link: true });
}

process.exitCode = await main();
