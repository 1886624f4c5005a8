import type { PublicDashboard } from '../../ports.js';
import { Failure } from '../grafana/failure.js';
import type { Observed } from '../state/record.js';
import type { DashboardContext, ReconcileContext } from './context.js';

/** More public dashboards of one dashboard than any race creates; more are reported as a failure. */
const maxPublicDashboards = 50;

/** The desired state of the public dashboard behind the public link. */
export interface DesiredPublicDashboard {
  dashboardUid: string;
  /** All dashboards of the cluster: none but that one has a link. */
  dashboardUids: ReadonlySet<string>;
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
  const wasThere = publicDashboard !== null;
  const keep = desired.rotate ? null : context.observed.share;
  if (desired.rotate && publicDashboard !== null) {
    await deletePublicDashboards(context, dashboardUid);
    publicDashboard = null;
  }
  if (publicDashboard === null && desired.enabled) {
    await context.acquireOrRenew();
    publicDashboard = await grafana.createPublicDashboard(dashboardUid, keep, signal);
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
  // Where there was none and one was made for certain, there is one.
  if (wasThere || !desired.enabled || context.uncertain)
    await endOtherLinks(context, desired.dashboardUids, {
      keep: publicDashboard,
      fresh: context.uncertain || !desired.enabled,
    });
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

/**
 * Deletes every public dashboard of these dashboards but one: an uncertain write of ours may have made
 * more, and so may people.
 */
export async function endOtherLinks(
  context: DashboardContext,
  dashboardUids: ReadonlySet<string>,
  { keep, fresh }: { keep: PublicDashboard | null; fresh: boolean },
): Promise<void> {
  const all = await context.grafana
    .allPublicDashboards(context.signal, { fresh })
    .catch((error: unknown) => {
      // Grafana shares nothing, or we may not know: then others are not ours to end.
      if (error instanceof Failure && unseen.has(error.code)) return [];
      throw error;
    });
  for (const { uid, dashboardUid } of all)
    if (dashboardUids.has(dashboardUid) && uid !== keep?.uid)
      await deletePublicDashboard(context, dashboardUid, uid);
}

const unseen: ReadonlySet<string> = new Set(['forbidden', 'not_found']);

async function deletePublicDashboard(
  context: DashboardContext,
  dashboardUid: string,
  publicDashboardUid: string,
): Promise<void> {
  await context.acquireOrRenew();
  await context.grafana.deletePublicDashboard(dashboardUid, publicDashboardUid, context.signal);
  context.meter.grafanaWrite('delete');
}
