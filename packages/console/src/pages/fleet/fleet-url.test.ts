import { describe, expect, it } from '@jest/globals';
import { fleetHref, readFleetView, type FleetView } from './fleet-url.js';
import { noteNext, previousHref } from './trail.js';

const view = (query: string) => readFleetView(query);

describe('the URL of the fleet', () => {
  it('says all that is chosen, and nothing that is usual', () => {
    const chosen: FleetView = {
      search: 'a&b =ü',
      states: ['critical', 'silent'],
      sort: 'cpu',
      order: 'asc',
      page: 3,
      cursor: 'x+/=',
    };
    const href = fleetHref(chosen);
    expect(view(href.slice(2))).toEqual(chosen);
    expect(fleetHref(view(''))).toBe('/');
  });

  it.each(['sort=nonsense', 'state=nonsense', 'order=up', 'page=7', 'page=-1&cursor=', 'x=y'])(
    'is as usual where it says what there is not: %s',
    (query) =>
      expect(view(query)).toMatchObject({ sort: 'need', order: 'desc', states: [], page: 1 }),
  );

  it('leads back over the pages that were seen, of the same list only', () => {
    const second = view('page=2&cursor=b');
    const third = view('page=3&cursor=c');
    expect(previousHref(third)).toBeNull();
    noteNext(view(''), 'b');
    noteNext(second, 'c');
    expect(previousHref(view(''))).toBeNull();
    expect(previousHref(second)).toBe('/');
    expect(previousHref(third)).toBe('/?page=2&cursor=b');
    expect(previousHref({ ...third, search: 'other' })).toBeNull();
  });
});
