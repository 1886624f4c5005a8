import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Env } from './env.js';

/** A program, or what it needs, cannot be had on this machine; the message says what a person can do. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** The program that an environment variable names. Throws when it is named and cannot be run. */
export async function namedProgram(variable: string, env: Env): Promise<string | null> {
  const named = env[variable];
  if (named === undefined || named === '') return null;
  const path = isAbsolute(named) ? await executable(named) : await onPath(named, env);
  if (path) return path;
  throw new Error(`${variable} names "${named}", which cannot be run`);
}

/** The first program of this name on PATH, or where Debian keeps servers. */
export async function onPath(name: string, env: Env): Promise<string | null> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  for (const folder of folders) {
    const path = isAbsolute(folder) ? await executable(join(folder, name)) : null;
    if (path) return path;
  }
  return null;
}

/** The path itself when it can be run. */
export async function executable(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
}
