import type { PublicDashboard } from '../../ports.js';
import { Failure } from '../grafana/failure.js';
import type { Observed } from '../state/record.js';
import type { ReconcileContext } from './context.js';

/** More public dashboards of one dashboard than any race creates; more are reported as a failure. */
const maxPublicDashboards = 50;

/** The desired state of the public dashboard behind the public link. */
export interface DesiredPublicDashboard {
  dashboardUid: string;
  /** Whether the link should work. */
  enabled: boolean;
  /** Whether a new link was requested. Rotating twice does no harm: the first was not shown yet. */
  rotate: boolean;
}

/**
 * Reconciles the public dashboard: one that is enabled, or none that is. An existing one is reused,
 * since Grafana 9.4 creates a second one on request. Throws `Failure`.
 */
export async function applyPublicDashboard(
  context: ReconcileContext,
  desired: DesiredPublicDashboard,
): Promise<Observed['share']> {
  const { grafana, signal } = context;
  const { dashboardUid } = desired;
  let publicDashboard = await grafana.getPublicDashboard(dashboardUid, signal);
  if (desired.rotate && publicDashboard !== null) {
    await deletePublicDashboards(context, dashboardUid);
    publicDashboard = null;
  }
  if (publicDashboard === null && desired.enabled) {
    await context.acquireOrRenew();
    publicDashboard = await grafana.createPublicDashboard(dashboardUid, signal);
    context.meter.grafanaWrite('share');
  } else if (publicDashboard !== null && publicDashboard.isEnabled !== desired.enabled) {
    await context.acquireOrRenew();
    publicDashboard = await grafana.updatePublicDashboard(
      dashboardUid,
      publicDashboard.uid,
      desired.enabled,
      signal,
    );
    context.meter.grafanaWrite('share');
  }
  if (context.uncertain) await deleteOtherPublicDashboards(context, dashboardUid, publicDashboard);
  return publicDashboard;
}

/** Deletes every public dashboard of a dashboard. */
export async function deletePublicDashboards(
  context: ReconcileContext,
  dashboardUid: string,
): Promise<void> {
  for (let n = 0; n < maxPublicDashboards; n += 1) {
    const publicDashboard = await context.grafana.getPublicDashboard(dashboardUid, context.signal);
    if (publicDashboard === null) return;
    await deletePublicDashboard(context, dashboardUid, publicDashboard.uid);
  }
  throw new Failure({
    kind: 'transient',
    code: 'links_remain',
    message: 'Public links keep appearing while they are being removed',
  });
}

/** Deletes the public dashboards that an uncertain write of ours may have created. */
async function deleteOtherPublicDashboards(
  context: ReconcileContext,
  dashboardUid: string,
  current: PublicDashboard | null,
): Promise<void> {
  for (const uid of await context.grafana.listPublicDashboards(dashboardUid, context.signal))
    if (uid !== current?.uid) await deletePublicDashboard(context, dashboardUid, uid);
}

async function deletePublicDashboard(
  context: ReconcileContext,
  dashboardUid: string,
  publicDashboardUid: string,
): Promise<void> {
  await context.acquireOrRenew();
  await context.grafana.deletePublicDashboard(dashboardUid, publicDashboardUid, context.signal);
  context.meter.grafanaWrite('delete');
}
