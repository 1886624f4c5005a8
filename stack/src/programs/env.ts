import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The environment of the runner, handed in from outside. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where built programs are kept between runs and checkouts. */
export function cacheDirectory(env: Env): string {
  const xdg = env['XDG_CACHE_HOME'];
  const base = xdg && isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.cache');
  return join(base, 'bud-monitoring');
}

/** The part of the environment that compilers, package managers and Docker need. */
export function toolEnv(env: Env): Record<string, string> {
  const kept = /^(PATH|HOME|USER|LANG|TMPDIR|XDG_.*|GO.*|DOCKER_.*|.*_proxy|.*_PROXY|SSL_CERT_.*)$/;
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      return entry[1] !== undefined && kept.test(entry[0]);
    }),
  );
}
