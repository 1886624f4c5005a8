import type { ClusterRecord, ObservedDashboard } from '../state/record.js';
import { nameOf, wantsDashboards, wantsLink } from '../state/target.js';
import { uidOf } from '../templates/render.js';
import { isOwn, mainTemplate, type Template } from '../templates/template.js';
import { bringDashboard, lasting, removeDashboard } from './dashboards.js';
import { bringLink, removeLinks } from './link.js';
import type { Found, Run } from './run.js';

/** Brings Grafana to what is wanted for one cluster at `now` (Unix ms). Throws `Failure`. */
export function bring(run: Run, record: ClusterRecord, now: number): Promise<Found> {
  return wantsDashboards(record.desired) ? provision(run, record, now) : clear(run, record);
}

/** The main dashboard and its link first: they are what people wait for. */
async function provision(run: Run, record: ClusterRecord, now: number): Promise<Found> {
  const { settings, signal } = run;
  const { desired, observed } = record;
  const { folderUid } = await run.grafana.prepare(signal);
  const dashboards: Record<string, ObservedDashboard> = {};
  let share = observed.share;
  for (const template of usable(settings.templates)) {
    dashboards[template.name] = await bringDashboard(run, template, {
      clusterId: record.id,
      name: nameOf(record),
      folderUid,
      observed: observed.dashboards[template.name] ?? null,
    });
    if (template.name !== mainTemplate) continue;
    share = await bringLink(run, {
      dashboardUid: uidOf(template, record.id),
      wanted: wantsLink(desired, settings.sharing, now),
      rotate: desired.rotation > observed.rotation,
    });
  }
  const known = new Set(settings.templates.map(({ name }) => name));
  for (const [name, before] of Object.entries(observed.dashboards)) {
    if (!known.has(name)) await removeDashboard(run, before.uid);
    // What a broken template made before it broke stays.
    else dashboards[name] ??= before;
  }
  return { dashboards, share };
}

/** The links go first: should the rest fail, nothing is public any more. */
async function clear(run: Run, record: ClusterRecord): Promise<Found> {
  const { templates } = run.settings;
  const uids = new Set([
    ...templates.map((template) => uidOf(template, record.id)),
    ...Object.values(record.observed.dashboards).map(({ uid }) => uid),
  ]);
  await run.grafana.prepare(run.signal);
  await removeLinks(run, record.id);
  for (const uid of uids) await removeDashboard(run, uid);
  return { dashboards: {}, share: null };
}

/**
 * The templates to publish. One of ours that is not valid stops the cluster, with a reason; somebody's
 * own is left out until it is mended.
 */
function usable(templates: readonly Template[]): readonly Template[] {
  const broken = templates.find(({ name, report }) => !report.valid && isOwn(name));
  if (broken !== undefined) {
    const fault = broken.report.problems.find(({ severity }) => severity === 'error');
    throw lasting(
      'template_invalid',
      `The template ${broken.name} may not be published: ${fault?.path ?? ''} ${fault?.message ?? ''}`,
    );
  }
  return templates.filter(({ report }) => report.valid);
}
