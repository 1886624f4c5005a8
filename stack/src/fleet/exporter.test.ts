import { describe, expect, it } from '@jest/globals';
import { demoFleet } from './clusters/demo-fleet.js';
import { startExporter } from './exporter.js';
import { seriesText } from './exposition.js';
import { fleetSeries } from './series/fleet-series.js';

const ANCHOR = 1_795_370_000;
const all = fleetSeries(demoFleet({ anchor: ANCHOR }));

function start(now: () => number) {
  return startExporter({ series: all, clock: { now } });
}

async function scrape(url: string): Promise<string[]> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  return (await response.text()).split('\n').filter((line) => line !== '');
}

describe('the exporter', () => {
  it('gives each series the value of the moment', async () => {
    const t = ANCHOR + 33;
    await using exporter = await start(() => t * 1000);
    const samples = (await scrape(exporter.url)).filter((line) => !line.startsWith('#'));
    const expected = all.flatMap(({ name, labels, value }) => {
      const sample = value(t);
      const text = seriesText(name, { job: '', instance: '', ...labels });
      return sample === undefined ? [] : [`${text} ${sample}`];
    });
    expect(samples.sort()).toEqual(expected.sort());
  });

  it('gives each series the value of the last multiple of its spacing, with that time', async () => {
    const spacing = 150;
    const t = Math.floor(ANCHOR / spacing) * spacing;
    await using exporter = await startExporter({
      series: all.slice(0, 50),
      clock: { now: () => (t + spacing) * 1000 - 1 },
      spacing,
    });
    const samples = (await scrape(exporter.url)).filter((line) => !line.startsWith('#'));
    const expected = all.slice(0, 50).flatMap(({ name, labels, value }) => {
      const sample = value(t);
      const text = seriesText(name, { job: '', instance: '', ...labels });
      return sample === undefined ? [] : [`${text} ${sample} ${t}000`];
    });
    expect(expected.length).toBeGreaterThan(0);
    expect(samples.sort()).toEqual(expected.sort());
  });

  it('tells type and help once for each name, right before its samples', async () => {
    await using exporter = await start(() => ANCHOR * 1000);
    const headers: string[] = [];
    const strays: string[] = [];
    for (const line of await scrape(exporter.url)) {
      const [, name] = /^# TYPE (\S+) (?:gauge|counter)$/.exec(line) ?? [];
      if (name !== undefined) headers.push(name);
      else if (!line.startsWith('#') && line.split(/[ {]/)[0] !== headers.at(-1)) strays.push(line);
    }
    expect(strays).toEqual([]);
    expect(headers.length).toBeGreaterThan(90);
    expect(new Set(headers).size).toBe(headers.length);
  });

  it('answers nothing but /metrics', async () => {
    await using exporter = await start(() => ANCHOR * 1000);
    expect((await fetch(exporter.url)).status).toBe(404);
    expect((await fetch(`${exporter.url}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
