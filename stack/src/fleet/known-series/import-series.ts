import { timesOf, valueOf, type LoadSeriesOptions } from './known-series.js';

/** Bytes of one request, about. */
const CHUNK = 4 << 20;

/**
 * Writes exactly these samples into a running VictoriaMetrics by its import API, and returns when
 * they can be seen.
 */
export async function importSeries(
  url: string,
  options: Omit<LoadSeriesOptions, 'dataDirectory' | 'promtool'>,
): Promise<void> {
  const { start, interval, signal } = options;
  const times = timesOf(options);
  const send = async (path: string, body?: string) => {
    const init = { method: 'POST', ...(body !== undefined && { body }), ...(signal && { signal }) };
    const answer = await fetch(`${url}${path}`, init);
    if (!answer.ok) throw new Error(`victoria-metrics refused samples: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  let text = '';
  for (const { name, labels, values: given, times: own = times } of options.series) {
    const valueAt = valueOf(given, { name, start, interval, times: times.length });
    const samples = own.flatMap((t) => {
      const value = valueAt(t);
      return value === undefined ? [] : [{ t: Math.round(t * 1000), value }];
    });
    if (samples.length === 0) continue;
    const metric = { __name__: name, ...labels };
    const timestamps = samples.map(({ t }) => t);
    // NaN and the infinities are texts there.
    const values = samples.map(({ value }) => (Number.isFinite(value) ? value : String(value)));
    text += `${JSON.stringify({ metric, values, timestamps })}\n`;
    if (text.length < CHUNK) continue;
    await send('/api/v1/import', text);
    text = '';
  }
  if (text !== '') await send('/api/v1/import', text);
  await send('/internal/force_flush');
}
