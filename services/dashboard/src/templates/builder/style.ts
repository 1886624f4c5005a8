/** A colour and the value from which it holds. */
export type Step = readonly [from: number, color: string];

/** Texts and colours of single values. */
export type Mapping = Record<string, { text: string; color: string }>;

/** Shares at which somebody should look, and act. */
export const usageSteps: readonly Step[] = [
  [0.7, 'yellow'],
  [0.9, 'red'],
];

/** What a condition is called where it should hold, and where it should not. */
export const yesIsGood: Mapping = {
  0: { text: 'No', color: 'red' },
  1: { text: 'Yes', color: 'green' },
};
export const yesIsBad: Mapping = {
  0: { text: 'No', color: 'green' },
  1: { text: 'Yes', color: 'red' },
};

/** Green up to the first step, or the colour given. */
export function thresholds(steps: readonly Step[], base = 'green'): Record<string, unknown> {
  return {
    mode: 'absolute',
    steps: [{ color: base, value: null }, ...steps.map(([value, color]) => ({ color, value }))],
  };
}

export function mappings(mapping: Mapping): Record<string, unknown>[] {
  const options = Object.entries(mapping).map(([value, { text, color }], index) => [
    value,
    { text, color, index },
  ]);
  return [{ type: 'value', options: Object.fromEntries(options) as Record<string, unknown> }];
}

/** A property of the fields of a name. */
export function override(name: string, ...properties: { id: string; value: unknown }[]) {
  return { matcher: { id: 'byName', options: name }, properties };
}

/** Fixed colours of series by their names. */
export function seriesColors(colors: Record<string, string>) {
  return Object.entries(colors).map(([name, fixedColor]) =>
    override(name, { id: 'color', value: { mode: 'fixed', fixedColor } }),
  );
}
