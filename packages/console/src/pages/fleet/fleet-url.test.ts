import { describe, expect, it } from '@jest/globals';
import { fleetHref, readFleetView, type FleetView } from './fleet-url.js';

describe('the URL of the fleet', () => {
  it('says all that is chosen, and nothing that is usual', () => {
    const chosen: FleetView = {
      search: 'a&b =ü',
      states: ['critical', 'silent'],
      sort: 'cpu',
      order: 'asc',
    };
    const href = fleetHref(chosen);
    expect(readFleetView(href.slice(2))).toEqual(chosen);
    expect(fleetHref(readFleetView(''))).toBe('/');
  });

  it.each(['sort=nonsense', 'state=nonsense', 'order=up', 'x=y'])(
    'is as usual where it says what there is not: %s',
    (query) =>
      expect(readFleetView(query)).toMatchObject({ sort: 'need', order: 'desc', states: [] }),
  );
});
