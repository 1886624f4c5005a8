import type { ClusterHealth } from '@bud-monitoring/contracts';
import { Status, type Tone } from './status';

/** The states of a cluster as the API decides them, in words. */
export const healthNames: Readonly<Record<ClusterHealth, string>> = {
  healthy: 'Healthy',
  warning: 'Warning',
  critical: 'Critical',
  silent: 'Silent',
  unknown: 'Unknown',
};

export const healthTones: Readonly<Record<ClusterHealth, Tone>> = {
  healthy: 'good',
  warning: 'warning',
  critical: 'bad',
  silent: 'off',
  unknown: 'off',
};

/** How a cluster is, as the API says. */
export function Health({ state }: { state: ClusterHealth }) {
  return <Status tone={healthTones[state]}>{healthNames[state]}</Status>;
}
