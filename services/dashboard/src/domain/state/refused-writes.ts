import { StoreDown } from '../../ports.js';

/** Times that a write may be refused though nobody else has written. */
const maxRefusals = 3;

/**
 * Tells a store that refuses every write from a race with other writers: the etag stays the same. The
 * returned function is called with the etag (undefined for no value) of each write that was refused as
 * a conflict; it throws `StoreDown` when that etag was refused several times.
 */
export function createRefusalCheck(): (etag: string | undefined) => void {
  let last: { etag: string | undefined; count: number } | null = null;
  return (etag) => {
    last = { etag, count: last !== null && last.etag === etag ? last.count + 1 : 1 };
    if (last.count >= maxRefusals) throw new StoreDown('the state store refuses writes');
  };
}
