import { describe, expect, it } from '@jest/globals';
import { filterMetadata } from './metadata-filter.js';

const all = { families: -1, perFamily: 0 };

describe('metadata', () => {
  it('is that of families of which there is a series, under whatever of their names', async () => {
    const data = {
      up: [{ type: 'gauge' }],
      http: [{ type: 'counter' }],
      lat: [{ type: 'histogram' }],
      target: [{ type: 'info' }],
      secret: [{ type: 'counter' }],
      up2: [{ type: 'unknown' }],
    };
    const found = new Set(['up', 'http_total', 'lat_bucket', 'target_info', 'secrets']);
    expect(Object.keys(await filterMetadata(data, found, all))).toEqual([
      'up',
      'http',
      'lat',
      'target',
    ]);
  });
  it.each(['gauge', 'unknown', 'stateset', 'summary', ''])(
    'says nothing of another cluster’s %s whose name only begins alike',
    async (type) => {
      const data = { widgets: [{ type, help: 'of another cluster' }] };
      expect(await filterMetadata(data, new Set(['widgets_total', 'widgets_bucket']), all)).toEqual(
        {},
      );
    },
  );
  it('leaves out the entries of a family that describe a type of which there is no series', async () => {
    const counter = { type: 'counter', help: 'ours' };
    const data = { widgets: [{ type: 'gauge', help: 'of another cluster' }, counter] };
    expect(await filterMetadata(data, new Set(['widgets_total']), all)).toEqual({
      widgets: [counter],
    });
  });

  it.each([
    [{ families: 2, perFamily: 0 }, 'up:2 http:2'],
    [{ families: 0, perFamily: 0 }, ''],
    [{ families: -1, perFamily: 1 }, 'up:1 http:1 lat:1'],
    [{ families: 1, perFamily: -1 }, 'up:2'],
  ])('is limited to what may be seen of it: %j', async (limits, expected) => {
    const own = { type: 'counter', help: 'ours' };
    const theirs = { type: 'gauge', help: 'of another cluster' };
    const entries = [theirs, own, theirs, own];
    const data = { first: [theirs], up: entries, http: entries, lat: entries };
    const names = new Set(['up_total', 'http_total', 'lat_total']);
    const shown = Object.entries(await filterMetadata(data, names, limits));
    expect(shown.map(([name, { length }]) => `${name}:${length}`).join(' ')).toBe(expected);
  });
});
