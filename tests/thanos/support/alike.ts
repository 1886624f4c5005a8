/** What one answer says otherwise than another, number by number: paths with both values. */
export function differences(
  one: unknown,
  other: unknown,
  { share, ignore }: { share: number; ignore: RegExp },
  path = '',
): string[] {
  if (ignore.test(path)) return [];
  if (typeof one === 'number' && typeof other === 'number') {
    // Two decimals, as answers are rounded.
    const within = Math.max(share * Math.max(Math.abs(one), Math.abs(other)), 0.021);
    return Math.abs(one - other) <= within ? [] : [`${path}: ${one}, ${other}`];
  }
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) =>
      differences(one[key], other[key], { share, ignore }, `${path}/${key}`),
    );
  }
  return Object.is(one, other) ? [] : [`${path}: ${JSON.stringify(one)}, ${JSON.stringify(other)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
