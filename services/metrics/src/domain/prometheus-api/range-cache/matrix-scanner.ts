/**
 * One series, its points as the store printed them: `points` holds `[time,"value"],` for each of
 * `times`, the one at i ending before `ends[i]`.
 */
export interface MatrixSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly times: Float64Array;
  readonly ends: Uint32Array;
  readonly points: Buffer;
}

const head = Buffer.from('{"status":"success","data":{"resultType":"matrix","result":[');
const seriesHead = Buffer.from('{"metric":');
const valuesHead = '},"values":[';
const tail = /^\]\}\}\s*$/;
const [comma, quote, open, close, end] = Buffer.from(',"[]}');

/**
 * The series of the response to a range query, in the very form in which Prometheus prints one without
 * warnings, infos and native histograms; null for any other form. It looks at each byte once and copies
 * the points as they are: parsing and printing them takes ten times as long, and blocks the event loop.
 */
export function scanMatrix(body: Buffer): MatrixSeries[] | null {
  if (!startsWith(body, head, 0)) return null;
  const series: MatrixSeries[] = [];
  let at = head.length;
  while (startsWith(body, seriesHead, at)) {
    // No label can hold these characters, since quotes are escaped in it.
    const values = body.indexOf(valuesHead, at);
    const metric = values < 0 ? null : labelsOf(body, at + seriesHead.length, values + 1);
    const points = metric && scanPoints(body, values + valuesHead.length);
    if (!metric || !points || body[points.after] !== end) return null;
    const { times, ends, text } = points;
    series.push({ metric, times, ends, points: text });
    at = points.after + 1;
    if (body[at] !== comma) break;
    at += 1;
    if (!startsWith(body, seriesHead, at)) return null;
  }
  return body.length - at < 100 && tail.test(body.toString('latin1', at)) ? series : null;
}

function startsWith(body: Buffer, sign: Buffer, at: number): boolean {
  return (
    body.length >= at + sign.length &&
    body.compare(sign, 0, sign.length, at, at + sign.length) === 0
  );
}

function labelsOf(body: Buffer, from: number, to: number): MatrixSeries['metric'] | null {
  try {
    return JSON.parse(body.toString('utf8', from, to)) as MatrixSeries['metric'];
  } catch {
    return null; // a series of another form came between
  }
}

/** Points from `[time,"value"]` on, whole seconds; `after` is behind the bracket that ends them. */
function scanPoints(body: Buffer, from: number) {
  const times: number[] = [];
  const ends: number[] = [];
  let at = from;
  for (;;) {
    if (body[at] !== open) return null;
    at += 1;
    const digits = at;
    let time = 0;
    for (let digit = digitAt(body, at); digit >= 0; digit = digitAt(body, at)) {
      time = 10 * time + digit;
      at += 1;
    }
    if (at === digits || body[at] !== comma || body[at + 1] !== quote) return null;
    at += 2;
    const value = at;
    while (isOfNumber(body[at])) at += 1;
    if (at === value || body[at] !== quote || body[at + 1] !== close) return null;
    at += 3;
    times.push(time);
    ends.push(at - from);
    // A comma before another point, or the end of the points, which becomes the last one's comma.
    if (body[at - 1] === comma) continue;
    if (body[at - 1] !== close) return null;
    const text = Buffer.allocUnsafeSlow(at - from);
    body.copy(text, 0, from, at - 1);
    text[text.length - 1] = comma ?? 0;
    return { times: Float64Array.from(times), ends: Uint32Array.from(ends), text, after: at };
  }
}

function digitAt(body: Buffer, at: number): number {
  const digit = (body[at] ?? 0) - 48;
  return digit <= 9 ? digit : -1;
}

/** Signs of a number as Prometheus prints one: 1.5e-07, NaN, +Inf. */
function isOfNumber(byte = 0): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 43 && byte <= 46 && byte !== comma)
  );
}
