import { isDeepStrictEqual } from 'node:util';
import { Failure, permanentFailure } from '../grafana/failure.js';
import { rateWindow } from '../grafana/scrape-interval.js';
import type { ClusterRecord } from '../state/record.js';
import { displayName, dashboardsDesired, publicLinkDesired } from '../state/desired.js';
import { mainUidOf, uidOf } from '../templates/render.js';
import { isBuiltIn, mainTemplate, type Template } from '../templates/template.js';
import { applyDashboard, deleteDashboard, desiredDashboard } from './apply-dashboard.js';
import { applyPublicDashboard, deletePublicDashboards } from './public-dashboard.js';
import type { ReconcileContext } from './context.js';

/** Reconciles Grafana with the desired state of one cluster at `now` (Unix ms). Throws `Failure`. */
export function applyCluster(
  context: ReconcileContext,
  record: ClusterRecord,
  now: number,
): Promise<void> {
  return dashboardsDesired(record.desired)
    ? applyDashboards(context, record, now)
    : deleteDashboards(context, record);
}

/** The main dashboard and its public link come first: they are what users wait for. */
async function applyDashboards(
  context: ReconcileContext,
  record: ClusterRecord,
  now: number,
): Promise<void> {
  const { settings, observed } = context;
  const { desired, observed: recorded } = record;
  const { folderUid, datasource } = await context.grafana.ensurePrerequisites(context.signal);
  if (!datasource.ok) throw permanentFailure('datasource_unclear', datasource.problem);
  const { writer, isOfNewer } = context;
  const probe = await context.grafana.probeCluster(record.id, datasource.uid, context.signal);
  const scrapeSeconds = probe?.scrapeSeconds ?? recorded.scrapeSeconds ?? null;
  if (scrapeSeconds !== null) observed.scrapeSeconds = scrapeSeconds;
  const labels = probe?.labels ?? recorded.labels ?? [record.id];
  const isAsId = labels.length === 1 && labels[0] === record.id;
  if (!isAsId || recorded.labels !== undefined) observed.labels = isAsId ? undefined : [...labels];
  // A dashboard of what not all have comes with it; a store that is silent takes none away.
  const lacks = ({ needs, name }: Template) => {
    if (needs === null || probe?.has.has(needs) === true) return false;
    return recorded.dashboards[name] === undefined || typeof probe?.scrapeSeconds === 'number';
  };
  // What newer templates do without is not brought back.
  const templates = publishable(settings.templates).filter(
    (template) =>
      !lacks(template) && (!isOfNewer || recorded.dashboards[template.name] !== undefined),
  );
  const steps = createSteps();
  const isTurnOf = (n: number) =>
    context.only === null || context.only % (templates.length + 1) === n;
  for (const [n, template] of templates.entries()) {
    if (isTurnOf(n + 1) || recorded.dashboards[template.name] === undefined)
      await steps.run(async () => {
        const dashboard = desiredDashboard(template, {
          clusterId: record.id,
          labels,
          name: displayName(record),
          folderUid,
          datasourceUid: datasource.uid,
          rateWindow: rateWindow(scrapeSeconds, datasource),
        });
        const before = recorded.dashboards[template.name] ?? null;
        const after = await applyDashboard(context, dashboard, before);
        observed.dashboards[template.name] = after;
        const written = !after.drifted && !isDeepStrictEqual(after, before);
        if (written && !isOfNewer) observed.writer = writer;
      });
    if (template.name !== mainTemplate || !isTurnOf(0)) continue;
    await steps.run(async () => {
      observed.share = await applyPublicDashboard(context, {
        dashboardUid: uidOf(template, record.id),
        dashboardUids: uidsOf(context, record),
        enabled: publicLinkDesired(desired, settings.sharing, now),
        rotate: desired.rotation > recorded.rotation,
      });
    });
  }
  // The dashboard of a template that became invalid stays; that of a template that is gone does not.
  const known = new Set(settings.templates.filter((one) => !lacks(one)).map(({ name }) => name));
  for (const [name, { uid }] of Object.entries(recorded.dashboards)) {
    if (known.has(name) || isOfNewer) continue;
    await deleteDashboard(context, uid);
    Reflect.deleteProperty(observed.dashboards, name);
  }
  steps.finish();
}

/** Independent steps: a permanent failure of one does not stop the next. */
function createSteps() {
  let first: Failure | null = null;
  return {
    async run(step: () => Promise<void>): Promise<void> {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof Failure) || error.kind !== 'permanent') throw error;
        first ??= error;
      }
    },
    /** Throws the first permanent failure. */
    finish(): void {
      if (first !== null) throw first;
    },
  };
}

/** Public dashboards are deleted first: should the rest fail, nothing is public any more. */
async function deleteDashboards(context: ReconcileContext, record: ClusterRecord): Promise<void> {
  const { observed } = context;
  await context.grafana.ensurePrerequisites(context.signal);
  await deletePublicDashboards(context, mainUidOf(record.id));
  observed.share = null;
  for (const uid of uidsOf(context, record)) await deleteDashboard(context, uid);
  observed.dashboards = {};
}

/** The uids of all dashboards that the cluster has or may have. */
function uidsOf({ settings }: ReconcileContext, record: ClusterRecord): Set<string> {
  return new Set([
    ...settings.templates.map((template) => uidOf(template, record.id)),
    ...Object.values(record.observed.dashboards).map(({ uid }) => uid),
  ]);
}

/**
 * The templates to publish. An invalid built-in template fails the cluster, with a reason; an invalid
 * custom template is left out until it is fixed.
 */
function publishable(templates: readonly Template[]): readonly Template[] {
  const invalid = templates.find(({ name, report }) => !report.valid && isBuiltIn(name));
  if (invalid !== undefined) {
    const problem = invalid.report.problems.find(({ severity }) => severity === 'error');
    throw permanentFailure(
      'template_invalid',
      `The template ${invalid.name} may not be published: ${problem?.path ?? ''} ${problem?.message ?? ''}`,
    );
  }
  return templates.filter(({ report }) => report.valid);
}
