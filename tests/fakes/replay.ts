import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One recorded request and what the real server answered. */
export interface Exchange {
  n: number;
  section: string;
  what: string;
  request: {
    method: string;
    path: string;
    auth: string;
    headers: Record<string, string>;
    body: unknown;
  };
  response: { status: number; body: unknown };
}

interface Answer {
  status: number;
  body: unknown;
}

/** Every exchange of the recording, in order. */
export function loadExchanges(): Exchange[] {
  const file = new URL('../fixtures/grafana/exchanges.jsonl', import.meta.url);
  const lines = readFileSync(fileURLToPath(file), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Exchange);
}

/**
 * Plays exchanges against another server. What the recorded server made up itself (uids, tokens) is
 * replaced, in later requests and expectations, by what this one made up in its place.
 */
export function createReplay(options: {
  exchanges: readonly Exchange[];
  url: string;
  login: string;
  password: string;
}) {
  const madeUp = valuesMadeUp(options.exchanges);
  const ours = new Map<string, string>();

  const translate = (text: string): string => {
    let result = text;
    for (const [theirs, own] of ours) result = result.replaceAll(theirs, own);
    return result;
  };

  const learn = (expected: unknown, actual: unknown): void => {
    if (typeof expected === 'string' && typeof actual === 'string') {
      if (madeUp.has(expected) && !ours.has(expected)) ours.set(expected, actual);
    } else if (isObject(expected) && isObject(actual)) {
      for (const key of Object.keys(expected)) learn(expected[key], actual[key]);
    }
  };

  return {
    /** Sends the request of an exchange and reads the answer as the recording has it. */
    async send({ request }: Exchange): Promise<Answer> {
      const { auth, body } = request;
      const headers = new Headers(request.headers);
      const authorization = authHeader(translate(auth), options);
      if (authorization !== undefined) headers.set('authorization', authorization);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(options.url + translate(request.path), {
        method: request.method,
        headers,
        // Bytes, for a text would bring a content type of its own.
        ...(body === null ? {} : { body: new TextEncoder().encode(translate(text)) }),
      });
      return { status: response.status, body: await readBody(response) };
    },

    /** Both answers in comparable form: what must differ is blanked, what was cut off is passed over. */
    compare(exchange: Exchange, actual: Answer): { expected: unknown; actual: unknown } {
      const whole = repair(exchange.response.body);
      const body = whole.cut ? prune(actual.body, whole.body) : actual.body;
      learn(whole.body, body);
      const expected = JSON.parse(translate(JSON.stringify(whole.body))) as unknown;
      // A search lists equal titles in no fixed order.
      const order = exchange.request.path.startsWith('/api/search') ? byId : blank;
      const label = `${exchange.n} ${exchange.request.method} ${exchange.request.path}: ${exchange.what}`;
      return {
        expected: { label, status: exchange.response.status, body: order(expected) },
        actual: { label, status: actual.status, body: order(body) },
      };
    },
  };
}

/** Values of generated fields that no request up to and including their own had named. */
function valuesMadeUp(exchanges: readonly Exchange[]): Set<string> {
  const found = new Set<string>();
  let asked = '';
  const collect = (value: unknown): void => {
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      const generated = ['uid', 'accessToken', 'key'].includes(key);
      if (generated && typeof inner === 'string' && inner !== '' && !asked.includes(inner))
        found.add(inner);
      collect(inner);
    }
  };
  for (const { request, response } of exchanges) {
    asked += JSON.stringify(request);
    collect(response.body);
  }
  return found;
}

function authHeader(
  auth: string,
  { login, password }: { login: string; password: string },
): string | undefined {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  if (auth === 'no auth') return undefined;
  if (auth === 'admin:admin (basic)') return basic(`${login}:${password}`);
  if (auth.startsWith('Basic ') && auth.includes(':')) return basic(auth.slice('Basic '.length));
  return auth.replace('<service-account-token-1>', `glsa_${'x'.repeat(32)}_00000000`);
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '' || response.headers.get('content-type')?.includes('html') === true) return null;
  return JSON.parse(text) as unknown;
}

/** A body that was cut when it was recorded, closed again behind its last whole line. */
function repair(body: unknown): { body: unknown; cut: boolean } {
  if (typeof body !== 'string' || !/\n… \(\d+ bytes in all\)$/.test(body))
    return { body, cut: false };
  const lines = body.split('\n').slice(0, -2);
  const open: string[] = [];
  for (const line of lines) {
    if (/[{[]$/.test(line)) open.push(line.endsWith('{') ? '}' : ']');
    if (/^\s*[}\]]/.test(line)) open.pop();
  }
  const text = lines.join('\n').replace(/,$/, '') + open.reverse().join('');
  return { body: JSON.parse(text) as unknown, cut: true };
}

/** Of `value`, only what `like` has. */
function prune(value: unknown, like: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like))
    return like.map((item, index) => prune(value[index], item));
  if (!isObject(value) || !isObject(like)) return value;
  const keys = Object.keys(like).filter((key) => key in value);
  return Object.fromEntries(keys.map((key) => [key, prune(value[key], like[key])]));
}

function blank(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blank);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blank(inner)]));
  if (typeof value !== 'string') return value;
  return value
    .replace(/^(?!0001)\d{4}-\d\d-\d\dT[\d:.]+Z$/, '<time>')
    .replace(/^ACE\d+$/, '<access error id>')
    .replace(/^http:\/\/127\.0\.0\.1:\d+\/$/, '<own url>');
}

const byId = (list: unknown): unknown => (list as { id: number }[]).toSorted((a, b) => a.id - b.id);

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object';
