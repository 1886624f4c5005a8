import type { Grafana, Meter } from '../../ports.js';
import type { Observed, ObservedDashboard, Writer } from '../state/record.js';
import type { SharingPolicy } from '../state/desired.js';
import type { Template } from '../templates/template.js';
import type { DriftPolicy } from './plan.js';

/** Settings that apply to every cluster. */
export interface ReconcileSettings {
  templates: readonly Template[];
  drift: DriftPolicy;
  sharing: SharingPolicy;
}

/** What the reconcile of one dashboard needs. */
export interface DashboardContext {
  grafana: Grafana;
  settings: Pick<ReconcileSettings, 'drift'>;
  meter: Meter;
  signal: AbortSignal;
  /** Resolves when this replica holds the lease; called before each write to Grafana. */
  acquireOrRenew(): Promise<void>;
  /** The dashboards were written by a process with newer templates. */
  isOfNewer: boolean;
  /** Called when a dashboard that we wrote is missing in Grafana. */
  onDashboardMissing: () => void;
}

/** What the reconcile of one cluster needs. */
export interface ReconcileContext extends DashboardContext {
  settings: ReconcileSettings;
  /** This process, as the writer of dashboards. */
  writer: Writer;
  /** Which of its dashboards, or its link, is read alone, by turns; null for all. */
  only: number | null;
  /** An earlier reconcile may have written more to Grafana than the record says. */
  uncertain: boolean;
  /** Updated with each step, so that a reconcile that fails records what it did. */
  observed: ObservedResources;
}

/** The resources observed in Grafana, for the record. */
export interface ObservedResources {
  dashboards: Record<string, ObservedDashboard>;
  share: Observed['share'];
  scrapeSeconds?: number;
  labels?: string[] | undefined;
  writer?: Writer;
}
