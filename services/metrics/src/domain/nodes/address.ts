/** The address in an `instance`: without port, IPv6 without brackets and in its shortest spelling. */
export function addressOf(instance: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(instance)?.[1];
  if (bracketed !== undefined) return canonical(bracketed);
  const colons = instance.split(':').length - 1;
  // Several colons and no brackets: an IPv6 address that has no port.
  return canonical(colons === 1 ? instance.replace(/:\d+$/, '') : instance);
}

/** IPv6 has many spellings; the URL parser knows the shortest. */
export function canonical(address: string): string {
  const lower = address.toLowerCase();
  if (!lower.includes(':')) return lower;
  return URL.canParse(`http://[${lower}]`)
    ? new URL(`http://[${lower}]`).hostname.slice(1, -1)
    : lower;
}
