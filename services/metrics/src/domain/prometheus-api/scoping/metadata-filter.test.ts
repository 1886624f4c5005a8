import { describe, expect, it } from '@jest/globals';
import { filterMetadata } from './metadata-filter.js';

describe('metadata', () => {
  it('is that of families of which there is a series, under whatever of their names', () => {
    const data = {
      up: [{ type: 'gauge' }],
      http: [{ type: 'counter' }],
      lat: [{ type: 'histogram' }],
      target: [{ type: 'info' }],
      secret: [{ type: 'counter' }],
      up2: [{ type: 'unknown' }],
    };
    const found = new Set(['up', 'http_total', 'lat_bucket', 'target_info', 'secrets']);
    expect(Object.keys(filterMetadata(data, found))).toEqual(['up', 'http', 'lat', 'target']);
  });
  it.each(['gauge', 'unknown', 'stateset', 'summary', ''])(
    'says nothing of another cluster’s %s whose name only begins alike',
    (type) => {
      const data = { widgets: [{ type, help: 'of another cluster' }] };
      expect(filterMetadata(data, new Set(['widgets_total', 'widgets_bucket']))).toEqual({});
    },
  );
  it('leaves out the entries of a family that describe a type of which there is no series', () => {
    const counter = { type: 'counter', help: 'ours' };
    const data = { widgets: [{ type: 'gauge', help: 'of another cluster' }, counter] };
    expect(filterMetadata(data, new Set(['widgets_total']))).toEqual({ widgets: [counter] });
  });
});
