import type { Request, RequestHandler, Response } from 'express';

/**
 * What a broken service does: answers a status, a page instead of JSON, JSON that means nothing,
 * nothing at all, cuts the connection, or does what was asked and loses the answer. `proxy-404`: a
 * proxy in front of it does not find it.
 */
type FaultKind = number | 'html' | 'nonsense' | 'proxy-404' | 'hang' | 'reset' | 'lost-answer';

interface FaultOptions {
  /** Tested against `METHOD /path`; absent: every request. */
  match?: RegExp | undefined;
  /** How many requests it hits; absent: all of them until `clearFaults()`. */
  times?: number | undefined;
}

/** One request as it was seen: no query, no header, no body. `status` is null while (or if never) answered. */
interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
}

/** What passes through a fake: everything is recorded, and on command delayed or broken. */
export interface Traffic {
  /** Put it before every route. */
  handler: RequestHandler;
  requests: readonly RequestRecord[];
  /** Number of requests whose `METHOD /path` matches. */
  count: (match: RegExp) => number;
  fail: (kind: FaultKind, options?: FaultOptions) => void;
  clearFaults: () => void;
  /** Milliseconds every answer waits. */
  delayMs: number;
}

interface Fault {
  kind: FaultKind;
  match: RegExp | undefined;
  left: number;
}

/** `mask` hides what must not be recorded, such as a token that stands in the path. */
export function createTraffic(options: { mask?: (path: string) => string } = {}): Traffic {
  const requests: RequestRecord[] = [];
  let faults: Fault[] = [];
  const mask = options.mask ?? ((path: string) => path);

  const takeFault = (line: string): FaultKind | undefined => {
    const fault = faults.find(({ match, left }) => left > 0 && (match?.test(line) ?? true));
    if (fault === undefined) return undefined;
    fault.left -= 1;
    return fault.kind;
  };

  const traffic: Traffic = {
    requests,
    delayMs: 0,
    count: (match) => requests.filter(({ method, path }) => match.test(`${method} ${path}`)).length,
    fail: (kind, { match, times } = {}) => {
      faults.push({ kind, match, left: times ?? Infinity });
    },
    clearFaults: () => {
      faults = [];
    },
    handler: (req, res, next) => {
      const record = { method: req.method, path: mask(req.path), status: null as number | null };
      requests.push(record);
      res.on('finish', () => (record.status = res.statusCode));
      const kind = takeFault(`${req.method} ${req.path}`);
      const go = () => {
        if (kind === undefined) next();
        else if (kind === 'lost-answer') loseAnswer(req, res, next);
        else breakAnswer(kind, req, res);
      };
      if (traffic.delayMs === 0) {
        go();
        return;
      }
      const timer = setTimeout(go, traffic.delayMs);
      res.on('close', () => clearTimeout(timer));
    },
  };
  return traffic;
}

function breakAnswer(kind: Exclude<FaultKind, 'lost-answer'>, req: Request, res: Response): void {
  if (kind === 'hang') return;
  if (kind === 'reset') req.socket.resetAndDestroy();
  else if (kind === 'html') res.type('html').send('<!doctype html><title>Welcome</title>');
  else if (kind === 'nonsense') res.json({ unexpected: true });
  else if (kind === 'proxy-404') res.status(404).type('text').send('default backend - 404');
  else res.status(kind).json({ message: kind === 404 ? 'Not found' : 'broken on command' });
}

function loseAnswer(req: Request, res: Response, next: () => void): void {
  res.end = () => {
    req.socket.destroy();
    return res;
  };
  next();
}
