/** One sample: a float, or a native histogram with all its observations in positive buckets. */
export interface WrittenSample {
  /** Unix milliseconds. */
  readonly time: number;
  readonly value: number | NativeHistogram;
}

/** Schema 0: bucket i ends at 2^i. */
export interface NativeHistogram {
  readonly sum: number;
  /** Observations in buckets 0, 1, 2, …; whole numbers. */
  readonly buckets: readonly number[];
}

export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly WrittenSample[];
}

/**
 * Writes series into a Prometheus by remote write 1.0, or at another `path`; the samples of each in the order
 * of time. Throws with the status and the text of any other answer than a good one.
 */
export async function remoteWrite(
  url: string,
  series: readonly WrittenSeries[],
  headers: Readonly<Record<string, string>> = {},
  path?: string,
): Promise<void> {
  await sendWrite(url, encodeWrite(series), headers, path);
}

/** The body of a write, as yet without its compression; two of them in a row are one. */
export function encodeWrite(series: readonly WrittenSeries[]): Buffer {
  return Buffer.concat(series.map((one) => field(1, encodeSeries(one))));
}

/** Sends such a body; throws as `remoteWrite` does. */
export async function sendWrite(
  url: string,
  request: Buffer,
  headers: Readonly<Record<string, string>> = {},
  path = '/api/v1/write',
): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: new Uint8Array(snappy(request)),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
}

function encodeSeries({ labels, samples }: WrittenSeries): Buffer {
  const names = Object.keys(labels).sort();
  return Buffer.concat([
    ...names.map((name) =>
      field(1, Buffer.concat([string(1, name), string(2, labels[name] ?? '')])),
    ),
    ...samples.map(({ time, value }) =>
      typeof value === 'number'
        ? field(2, Buffer.concat([double(1, value), tagged(2, time)]))
        : field(4, encodeHistogram(value, time)),
    ),
  ]);
}

function encodeHistogram({ sum, buckets }: NativeHistogram, time: number): Buffer {
  const count = buckets.reduce((total, bucket) => total + bucket, 0);
  const deltas = buckets.map((bucket, index) => zigzag(bucket - (buckets[index - 1] ?? 0)));
  return Buffer.concat([
    tagged(1, count),
    double(3, sum),
    tagged(4, zigzag(0)),
    double(5, 1e-9),
    tagged(6, 0),
    field(11, Buffer.concat([tagged(1, zigzag(0)), tagged(2, buckets.length)])),
    field(12, Buffer.concat(deltas.map(varint))),
    tagged(15, time),
  ]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const tagged = (tag: number, value: number): Buffer =>
  Buffer.concat([varint(tag << 3), varint(value)]);
const field = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([varint((tag << 3) | 2), varint(content.length), content]);
const string = (tag: number, value: string): Buffer => field(tag, Buffer.from(value));

function double(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint((tag << 3) | 1), bytes]);
}

/** Snappy's block format, of literals only: correct, and not smaller. */
function snappy(content: Buffer): Buffer {
  const chunks = [varint(content.length)];
  for (let start = 0; start < content.length; start += 65_536) {
    const chunk = content.subarray(start, start + 65_536);
    const head = Buffer.from([61 << 2, 0, 0]);
    head.writeUInt16LE(chunk.length - 1, 1);
    chunks.push(head, chunk);
  }
  return Buffer.concat(chunks);
}
