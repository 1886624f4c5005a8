import { addressOf } from './address.js';

/** A host name without its domain, in lower case; `null` of an address, which has no short form. */
export function shortNameOf(host: string): string | null {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const [short = ''] = host.toLowerCase().split('.');
  return isAddress || short === '' || short === 'localhost' ? null : short;
}

/** Whether an exporter is scraped by the name of its host, in full or short, and not by an address. */
export function isNamedBy(instance: string, nodename: string): boolean {
  const short = shortNameOf(addressOf(instance));
  return short !== null && short === shortNameOf(nodename);
}

/** Whether two names of machines are the same one's, once in full and once short, or before it had one. */
export function isRenamed(one: string, other: string): boolean {
  const [short, otherShort] = [shortNameOf(one), shortNameOf(other)];
  if (short === null || otherShort === null) return one === 'localhost' || other === 'localhost';
  return short === otherShort && (one === short || other === short);
}

/** Items under keys in any case; a key that two items have names neither. */
export function createNameIndex<T>() {
  const groups = new Map<string, Set<T>>();
  return {
    add(key: string | null, item: T): void {
      if (key === null || key === '') return;
      const group = groups.get(key.toLowerCase()) ?? new Set<T>();
      groups.set(key.toLowerCase(), group.add(item));
    },
    only(key: string | null | undefined): T | undefined {
      const group = key == null ? undefined : groups.get(key.toLowerCase());
      return group?.size === 1 ? [...group][0] : undefined;
    },
  };
}
