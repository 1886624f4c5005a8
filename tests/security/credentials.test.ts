import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack, TokenClaims } from '@bud-monitoring/stack';
import { addressOf, ask, type Answer } from './support/ask.js';
import { readOperations, type Operation } from './support/operations.js';
import { foreign, foreignMark, hiddenMark, ours, startSystem } from './support/system.js';

const operations = readOperations();
const guarded = operations.filter(({ permission }) => permission !== null);
const open = operations.filter(({ permission }) => permission === null);
const names = (some: readonly Operation[]) => some.map((one) => [one.id, one] as const);

let stack: Stack;
beforeAll(async () => {
  stack = await startSystem();
}, 180_000);
afterAll(() => stack.stop());

const all: TokenClaims = { permissions: ['cluster:manage'] };
const bearer = async (claims: TokenClaims) => `Bearer ${await stack.identity.mintToken(claims)}`;

/** What nobody is known by: of each a header that everything is refused to with 401. */
const unknown: readonly (readonly [string, () => Promise<string | undefined> | string])[] = [
  ['no header', () => Promise.resolve(undefined)],
  ['another scheme', () => 'Basic YWRtaW46YWRtaW4='],
  ['an order to daprd', () => `Basic ${Buffer.from('dapr-app-id:bud-cluster').toString('base64')}`],
  ['no token', () => 'Bearer'],
  ['text', () => 'Bearer ours'],
  ['two tokens', async () => `${await bearer(all)} ${await bearer(all)}`],
  ['a broken signature', async () => `${(await bearer(all)).slice(0, -6)}AAAAAA`],
  ['no signature', async () => unsigned(await bearer(all))],
  ['an expired token', () => bearer({ ...all, expiresIn: '-1m' })],
  ['a token of later', () => bearer({ ...all, extra: { nbf: Date.now() / 1000 + 600 } })],
  ['another issuer', () => bearer({ ...all, issuer: 'https://elsewhere.test' })],
  ['another audience', () => bearer({ ...all, audience: 'another' })],
  ['an ID token', () => bearer({ ...all, extra: { typ: 'ID' } })],
  ['an ID token of OpenID Connect', () => bearer({ ...all, extra: { at_hash: 'x' } })],
  ['a refresh token', () => bearer({ ...all, extra: { typ: 'Refresh' } })],
  ['clusters of another type', () => bearer({ ...all, extra: { clusters: ours } })],
  ['namespaces of another type', () => bearer({ ...all, extra: { namespaces: { shown: true } } })],
];

function unsigned(authorization: string): string {
  const payload = authorization.split('.')[1] ?? '';
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `Bearer ${header}.${payload}.`;
}

/** Problems of a refusal: another status, or no error of the form that the path has. */
function refusalProblems(operation: Operation, answer: Answer, status: number): string[] {
  if (answer.status !== status) return [`answered ${answer.status}: ${answer.text.slice(0, 200)}`];
  const body = JSON.parse(answer.text) as Record<string, unknown>;
  const isPrometheus = operation.path.includes('/prometheus/api/v1/');
  const isRight = isPrometheus
    ? body['status'] === 'error' && typeof body['errorType'] === 'string'
    : body['object'] === 'error' && body['code'] === status && 'request_id' in body;
  return [
    ...operation.problems(answer),
    ...(isRight ? [] : [`another error: ${answer.text}`]),
    ...shown(answer, foreignMark),
  ];
}

/** What an answer shows that it must not. */
function shown({ text, headers }: Answer, mark: RegExp): string[] {
  const where = mark.exec(text + JSON.stringify([...headers]));
  return where === null ? [] : [`shows ${where.input.slice(where.index - 40, where.index + 40)}`];
}

async function send(operation: Operation, authorization: string | undefined, cluster = ours) {
  const request = operation.request({ cluster_id: cluster });
  return ask(addressOf(stack, operation), request, authorization);
}

describe.each(names(guarded))('%s', (_name, operation) => {
  const reachesOne = operation.required.includes('cluster_id');

  it('knows nobody by a header that is missing, malformed or of others (401)', async () => {
    const problems = [];
    for (const [what, header] of unknown) {
      const answer = await send(operation, await header());
      problems.push(...refusalProblems(operation, answer, 401).map((text) => `${what}: ${text}`));
    }
    expect(problems).toEqual([]);
  });

  it('refuses who may not do it, and who may not see the cluster (403)', async () => {
    const small: TokenClaims[] = [
      ...(operation.permission === 'any' ? [] : [{ permissions: [] }]),
      ...(operation.permission === 'cluster:manage'
        ? [{ permissions: ['cluster:view'] as const }]
        : []),
    ];
    const problems = [];
    for (const claims of small) {
      const answer = await send(operation, await bearer(claims));
      problems.push(...refusalProblems(operation, answer, 403));
    }
    if (reachesOne) {
      for (const clusters of [[foreign], []]) {
        const answer = await send(operation, await bearer({ ...all, clusters }));
        problems.push(...refusalProblems(operation, answer, 403));
      }
      const answer = await send(operation, await bearer({ ...all, clusters: [ours] }), foreign);
      problems.push(...refusalProblems(operation, answer, 403));
    }
    expect(problems).toEqual([]);
  });

  it('shows nothing of another cluster, as the document says', async () => {
    for (const claims of [
      { ...all, clusters: [ours] },
      { ...all, clusters: [] },
    ]) {
      const answer = await send(operation, await bearer(claims));
      expect([...operation.problems(answer), ...shown(answer, foreignMark)]).toEqual([]);
    }
  });

  it('shows nothing of namespaces that the token does not name', async () => {
    const limits: Partial<TokenClaims>[] = [
      { namespaces: ['shown'] },
      { namespaces: [] },
      { extra: { cluster_namespaces: { [ours]: ['shown'] } } },
      { extra: { cluster_namespaces: { [ours]: [] } } },
    ];
    const problems = [];
    for (const limit of limits) {
      const answer = await send(operation, await bearer({ ...all, ...limit }));
      if (showsNamespaces.test(operation.path)) {
        problems.push(...operation.problems(answer), ...shown(answer, hiddenMark));
      } else problems.push(...refusalProblems(operation, answer, 403));
    }
    expect(problems).toEqual([]);
  });
});

/** Routes that hold to namespaces by themselves, or tell nothing of clusters; all others are refused to a limited token. */
const showsNamespaces =
  /\/prometheus(\/|$)|^\/(clusters\/\{cluster_id\}\/)?queries\/explain$|^\/me$|^\/templates/;

it.each(names(open))('%s needs no token and names no cluster', async (_name, operation) => {
  const answer = await send(operation, undefined);
  expect([...operation.problems(answer), ...shown(answer, /5a000000|foreign|node-a/)]).toEqual([]);
});

it('would see both marks with a token that has no limit', async () => {
  const texts = await Promise.all(
    guarded
      .filter(({ method }) => method === 'GET')
      .map(async (operation) => (await send(operation, await bearer(all), foreign)).text),
  );
  const count = (mark: RegExp) => texts.filter((text) => mark.test(text)).length;
  expect(count(foreignMark)).toBeGreaterThan(15);
  expect(count(hiddenMark)).toBeGreaterThan(3);
});
