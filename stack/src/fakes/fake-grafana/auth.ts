import type { Request, RequestHandler } from 'express';
import { randomBytes } from 'node:crypto';
import { accessDenied, refuse } from './responses/errors.js';
import { sha256, type Role, type ServiceAccount, type Store } from './store.js';

export interface User {
  login: string;
  password: string;
  role?: Role;
}

export interface Caller {
  id: number;
  login: string;
  role: Role;
  kind: 'user' | 'service-account';
}

export interface Auth {
  /** Reads the credentials and remembers the caller; wrong ones are refused here, absent ones pass. */
  handler: RequestHandler;
  /** The caller, or null for an anonymous request. */
  callerOf(req: Request): Caller | null;
  /** The caller, if their role is at least `role`; else 403, anonymous ones included. */
  require(req: Request, role: Role, permission: string): Caller;
}

const RANK: Record<Role, number> = { Viewer: 1, Editor: 2, Admin: 3 };
const LOCKOUT_TRIES = 5;
const LOCKOUT_MS = 5 * 60_000;
const SIGNED_IN_CACHE_MS = 5_000;
const wrongPassword = () => refuse(401, 'invalid username or password', '');

/** `glsa_<secret>_<checksum>`: a key with a right checksum that is not stored was deleted. */
export function newKey(): string {
  const secret = randomBytes(24).toString('base64url').replace(/[-_]/g, '0');
  return `glsa_${secret}_${sha256(secret).slice(0, 8)}`;
}

const wasMadeHere = (key: string): boolean => {
  const [, secret = '', checksum] = key.split('_');
  return key.startsWith('glsa_') && sha256(secret).slice(0, 8) === checksum;
};

export function createAuth(options: {
  store: Store;
  clock: { now(): number };
  users: readonly User[];
}): Auth {
  const { store, clock, users } = options;
  const failures = new Map<string, number[]>();
  const signedIn = new WeakMap<ServiceAccount, { as: ServiceAccount; until: number }>();
  const callers = new WeakMap<Request, Caller>();

  const byPassword = (login: string, password: string): Caller => {
    const now = clock.now();
    const recent = (failures.get(login) ?? []).filter((at) => now - at < LOCKOUT_MS);
    if (recent.length >= LOCKOUT_TRIES) throw wrongPassword();
    const index = users.findIndex((user) => user.login === login && user.password === password);
    const user = users[index];
    if (user === undefined) {
      failures.set(login, [...recent, now]);
      throw wrongPassword();
    }
    return { id: index + 1, login, role: user.role ?? 'Admin', kind: 'user' };
  };

  const byKey = (key: string): Caller => {
    const hash = sha256(key);
    const token = store.tokens.find(({ keyHash }) => keyHash === hash);
    // A deleted token is an error of Grafana's own, not the caller's (recorded).
    if (token === undefined) throw refuse(wasMadeHere(key) ? 500 : 401, 'invalid API key', '');
    const now = clock.now();
    if (token.expiresAt !== null && token.expiresAt <= now)
      throw refuse(401, 'Expired API key', '');
    const account = store.accounts.find(({ id }) => id === token.accountId);
    if (account === undefined) throw refuse(401, 'invalid API key', '');
    let known = signedIn.get(account);
    if (known === undefined || known.until <= now) {
      known = { as: { ...account }, until: now + SIGNED_IN_CACHE_MS };
      signedIn.set(account, known);
    }
    const { id, login, role, isDisabled } = known.as;
    if (isDisabled) throw refuse(401, 'Service account is disabled');
    return { id, login, role, kind: 'service-account' };
  };

  const identify = (header: string | undefined): Caller | null => {
    const [scheme, value = ''] = (header ?? '').split(' ', 2);
    if (scheme === 'Bearer') return byKey(value);
    if (scheme !== 'Basic') return null;
    const text = Buffer.from(value, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) throw refuse(401, 'Invalid Basic Auth Header', '');
    const login = text.slice(0, colon);
    const password = text.slice(colon + 1);
    return login === 'api_key' ? byKey(password) : byPassword(login, password);
  };

  return {
    handler: (req, _res, next) => {
      const caller = identify(req.headers.authorization);
      if (caller !== null) {
        if ((req.get('x-grafana-org-id') ?? '1') !== '1')
          throw refuse(404, 'Organization not found', '');
        callers.set(req, caller);
      }
      next();
    },
    callerOf: (req) => callers.get(req) ?? null,
    require: (req, role, permission) => {
      const caller = callers.get(req);
      if (caller === undefined || RANK[caller.role] < RANK[role]) throw accessDenied(permission);
      return caller;
    },
  };
}
