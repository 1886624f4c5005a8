import type { Grafana, Meter } from '../../ports.js';
import type { Observed, ObservedDashboard } from '../state/record.js';
import type { SharingPolicy } from '../state/desired.js';
import type { Template } from '../templates/template.js';
import type { DriftPolicy } from './plan.js';

/** What holds for every cluster. */
export interface Settings {
  templates: readonly Template[];
  drift: DriftPolicy;
  sharing: SharingPolicy;
}

/** What bringing one dashboard works with. */
export interface DashboardRun {
  grafana: Grafana;
  settings: Pick<Settings, 'drift'>;
  meter: Meter;
  signal: AbortSignal;
  /** Resolves when this replica alone may change Grafana for this cluster; called before each change. */
  hold(): Promise<void>;
  /** Called when a dashboard that we left in Grafana is not there any more. */
  onLost: () => void;
}

/** One run over one cluster: what it works with. */
export interface Run extends DashboardRun {
  settings: Settings;
  /** An earlier run may have left more than it noted. */
  doubt: boolean;
  /** Kept up to date as the run goes on, so that one that fails notes what it did. */
  found: Found;
}

/** What is known to be in Grafana, for the record. */
export interface Found {
  dashboards: Record<string, ObservedDashboard>;
  share: Observed['share'];
}
