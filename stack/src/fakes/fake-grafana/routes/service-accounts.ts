import { Router } from 'express';
import { z } from 'zod';
import { bind, refuse } from '../responses/errors.js';
import { newKey } from '../auth.js';
import type { RouteContext } from '../context.js';
import {
  sha256,
  slugify,
  type Role,
  type ServiceAccount,
  type Store,
  type Token,
} from '../store.js';

const role = z.enum(['Viewer', 'Editor', 'Admin']);
const createBody = z.object({
  name: z.string().min(1),
  role: role.default('Viewer'),
  isDisabled: z.boolean().default(false),
});
const updateBody = z.object({
  name: z.string().min(1).optional(),
  role: role.optional(),
  isDisabled: z.boolean().optional(),
});
const tokenBody = z.object({ name: z.string().min(1), secondsToLive: z.number().default(0) });
const badBody = () => refuse(400, 'Bad request data', '');
const avatarUrl = '/public/img/user_profile.png';

/** `/api/serviceaccounts` and their tokens. */
export function serviceAccountRoutes({
  store,
  auth,
}: Pick<RouteContext, 'store' | 'auth'>): Router {
  const router = Router();
  const path = '/api/serviceaccounts';

  const find = (id: string): ServiceAccount => {
    if (!/^\d+$/.test(id)) throw refuse(400, 'Service Account ID is invalid', '');
    const account = store.accounts.find((other) => String(other.id) === id);
    if (account === undefined) throw refuse(404, 'Failed to retrieve service account', '');
    return account;
  };

  router.post(path, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:create');
    const sent = bind(req, createBody, badBody());
    if (store.accounts.some(({ name }) => name === sent.name))
      throw refuse(400, 'Failed to create service account', '');
    const account = createAccount(store, sent);
    res.status(201).json({ ...summary(store, account), avatarUrl: '' });
  });

  router.get(`${path}/search`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:read');
    const { query = '', page = '1', perpage = '1000' } = req.query as Record<string, string>;
    const found = store.accounts.filter(({ name, login }) => `${name} ${login}`.includes(query));
    found.sort((a, b) => (a.login < b.login ? -1 : 1));
    const [number, size] = [Number(page), Number(perpage)];
    const serviceAccounts = found
      .slice((number - 1) * size, number * size)
      .map((account) => summary(store, account));
    res.json({ totalCount: found.length, serviceAccounts, page: number, perPage: size });
  });

  router.get(`${path}/:id`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:read');
    res.json(details(find(req.params.id)));
  });

  router.patch(`${path}/:id`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:write');
    const account = find(req.params.id);
    const sent = bind(req, updateBody, badBody());
    account.name = sent.name ?? account.name;
    account.role = sent.role ?? account.role;
    account.isDisabled = sent.isDisabled ?? account.isDisabled;
    account.updatedAt = store.timestamp();
    store.wrote('accountsChanged');
    const { id, name } = account;
    res.json({ id, message: 'Service account updated', name, serviceaccount: details(account) });
  });

  router.delete(`${path}/:id`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:delete');
    const account = store.accounts.find(({ id }) => String(id) === req.params.id);
    if (account === undefined) throw refuse(500, 'Service account deletion error', '');
    store.accounts = store.accounts.filter((other) => other !== account);
    store.tokens = store.tokens.filter(({ accountId }) => accountId !== account.id);
    store.wrote('accountsChanged');
    res.json({ message: 'Service account deleted' });
  });

  router.get(`${path}/:id/tokens`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:read');
    const { id } = find(req.params.id);
    res.json(store.tokens.filter(({ accountId }) => accountId === id).map(tokenAnswer));
  });

  router.post(`${path}/:id/tokens`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:write');
    const account = find(req.params.id);
    const sent = bind(req, tokenBody, badBody());
    if (sent.secondsToLive < 0) throw refuse(400, 'invalid SecondsToLive value');
    if (store.tokens.some(({ name }) => name === sent.name))
      throw refuse(409, 'service account token with given name already exists in the organization');
    const { id, key } = createToken(store, account, sent);
    res.json({ id, name: sent.name, key });
  });

  router.delete(`${path}/:id/tokens/:tokenId`, (req, res) => {
    auth.require(req, 'Admin', 'serviceaccounts:write');
    const { id } = find(req.params.id);
    const token = store.tokens.find(
      (other) => other.accountId === id && String(other.id) === req.params.tokenId,
    );
    if (token === undefined) throw refuse(500, 'Failed to delete service account token', '');
    store.tokens = store.tokens.filter((other) => other !== token);
    store.wrote('accountsChanged');
    res.json({ message: 'Service account token deleted' });
  });

  return router;
}

export function createAccount(
  store: Store,
  { name, role, isDisabled }: { name: string; role: Role; isDisabled: boolean },
): ServiceAccount {
  const now = store.timestamp();
  const account: ServiceAccount = {
    id: store.nextId('account'),
    name,
    login: `sa-${slugify(name)}`,
    role,
    isDisabled,
    createdAt: now,
    updatedAt: now,
  };
  store.accounts.push(account);
  store.wrote('accountsChanged');
  return account;
}

/** Makes a token; its key is told once and kept only as a hash. `secondsToLive` 0: for ever. */
export function createToken(
  store: Store,
  account: ServiceAccount,
  { name, secondsToLive }: { name: string; secondsToLive: number },
): { id: number; key: string } {
  const key = newKey();
  const id = store.nextId('token');
  const created = store.timestamp();
  const expiresAt = secondsToLive === 0 ? null : Date.parse(created) + secondsToLive * 1000;
  store.tokens.push({ id, accountId: account.id, name, keyHash: sha256(key), created, expiresAt });
  store.wrote('accountsChanged');
  return { id, key };
}

function summary(store: Store, { id, name, login, isDisabled, role }: ServiceAccount) {
  const tokens = store.tokens.filter(({ accountId }) => accountId === id).length;
  return { id, name, login, orgId: 1, isDisabled, role, tokens, avatarUrl };
}

const details = (account: ServiceAccount) => ({ ...account, orgId: 1, avatarUrl, teams: null });

const tokenAnswer = ({ id, name, created, expiresAt }: Token) => ({
  id,
  name,
  created,
  lastUsedAt: null,
  isRevoked: false,
  hasExpired: false,
  expiration: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  secondsUntilExpiration: expiresAt === null ? 0 : (expiresAt - Date.parse(created)) / 1000,
});
