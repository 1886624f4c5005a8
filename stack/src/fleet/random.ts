/** Text parts to a 32-bit hash: FNV-1a, then a finaliser so that near keys lie far apart. */
function hash(parts: readonly (string | number)[]): number {
  let h = 0x811c9dc5;
  for (const character of parts.join('\u0000')) {
    h = Math.imul(h ^ character.charCodeAt(0), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on nothing but its key. */
export function unit(...key: (string | number)[]): number {
  return hash(key) / 0x1_0000_0000;
}

/** `low` to `high`, chosen by the key. */
export function between(low: number, high: number, ...key: (string | number)[]): number {
  return low + (high - low) * unit(...key);
}

/** Hexadecimal text of the given length. */
export function hex(length: number, ...key: (string | number)[]): string {
  let text = '';
  for (let block = 0; text.length < length; block += 1) {
    text += hash([...key, block])
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, length);
}

/** A UUID of version 4's shape. */
export function uuid(...key: (string | number)[]): string {
  const text = hex(32, 'uuid', ...key);
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    `4${text.slice(13, 16)}`,
    `a${text.slice(17, 20)}`,
    text.slice(20),
  ].join('-');
}

/** The suffixes Kubernetes gives to pods: no vowels, no look-alikes. */
export function suffix(length: number, ...key: (string | number)[]): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text += alphabet.charAt(Math.floor(unit(...key, index) * alphabet.length));
  }
  return text;
}
