/** What the API's figures are in. Each has one way to be shown. */
export type Unit =
  'percent' | 'gib' | 'mbps' | 'watts' | 'kwh' | 'cores' | 'count' | 'celsius' | 'per_second';

/** A figure for people: the number and its unit apart, and the exact value in the API's own unit. */
export interface FormattedFigure {
  readonly number: string;
  readonly unit: string;
  readonly exact: string;
}

/** Names of the units as the API has them. */
const unitNames: Readonly<Record<Unit, string>> = {
  percent: '%',
  gib: 'GiB',
  mbps: 'Mbit/s',
  watts: 'W',
  kwh: 'kWh',
  cores: 'cores',
  count: '',
  celsius: '°C',
  per_second: '/s',
};

/** What the API's own unit is multiplied by to be in another one. */
type Scale = readonly [factor: number, unit: string];

/** Larger and smaller units of one kind, the largest first. */
const scales: Partial<Record<Unit, readonly Scale[]>> = {
  gib: [
    [2 ** -20, 'PiB'],
    [2 ** -10, 'TiB'],
    [1, 'GiB'],
    [2 ** 10, 'MiB'],
    [2 ** 20, 'KiB'],
  ],
  mbps: [
    [1e-6, 'Tbit/s'],
    [1e-3, 'Gbit/s'],
    [1, 'Mbit/s'],
    [1e3, 'kbit/s'],
    [1e6, 'bit/s'],
  ],
  watts: [
    [1e-6, 'MW'],
    [1e-3, 'kW'],
    [1, 'W'],
  ],
  kwh: [
    [1e-6, 'GWh'],
    [1e-3, 'MWh'],
    [1, 'kWh'],
    [1e3, 'Wh'],
  ],
};

const exactly = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

/** A figure with the unit that suits its size; unscaled in the API's own unit, for a column whose head tells it. */
export function formatFigure(
  value: number,
  unit: Unit,
  { scaled = true }: { scaled?: boolean } = {},
): FormattedFigure {
  const [factor, name] = scaled ? scaleOf(value, unit) : ([1, unitNames[unit]] as const);
  return {
    number: isCounted(unit) ? formatNumber(value) : formatMeasured(value * factor, unit),
    unit: name,
    exact: [exactly.format(value), unitNames[unit]].filter(Boolean).join(' '),
  };
}

/** What is mostly a whole number. */
const isCounted = (unit: Unit) => unit === 'count' || unit === 'cores';

/** The factor and name of the unit in which numbers as large as this are shown; also for axes. */
export function scaleOf(value: number, unit: Unit): Scale {
  const own: Scale = [1, unitNames[unit]];
  const known = scales[unit] ?? [];
  const size = Math.abs(value);
  if (size === 0) return own;
  return known.find(([factor]) => size * factor >= 1) ?? known.at(-1) ?? own;
}

/** At most three significant digits, but all of those before the point: 7.5, 290, 12,288. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: digitsOf(value) }).format(value);
}

/** Always as many digits, so that a column is aligned; of a percentage one after the point. */
function formatMeasured(value: number, unit: Unit): string {
  const digits = unit === 'percent' ? 1 : value === 0 ? 0 : digitsOf(value);
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en', options).format(value);
}

function digitsOf(value: number): number {
  const size = Math.abs(value);
  return size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

/** A change, with its sign: `+3.2`. */
export function formatChange(value: number): string {
  const options = { maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
  return new Intl.NumberFormat('en', options).format(value);
}
