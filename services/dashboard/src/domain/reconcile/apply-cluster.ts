import type { ClusterRecord } from '../state/record.js';
import { nameOf, wantsDashboards, wantsLink } from '../state/desired.js';
import { uidOf } from '../templates/render.js';
import { isOwn, mainTemplate, type Template } from '../templates/template.js';
import { bringDashboard, lasting, removeDashboard, wishFor } from './apply-dashboard.js';
import { Failure } from '../grafana/failure.js';
import { bringLink, removeLinks } from './public-dashboard.js';
import type { Run } from './context.js';

/** Brings Grafana to what is wanted for one cluster at `now` (Unix ms). Throws `Failure`. */
export function bring(run: Run, record: ClusterRecord, now: number): Promise<void> {
  return wantsDashboards(record.desired) ? provision(run, record, now) : clear(run, record);
}

/** The main dashboard and its link first: they are what people wait for. */
async function provision(run: Run, record: ClusterRecord, now: number): Promise<void> {
  const { settings, found } = run;
  const { desired, observed } = record;
  const { folderUid, datasource } = await run.grafana.prepare(run.signal);
  if (!datasource.ok) throw lasting('datasource_unclear', datasource.problem);
  const templates = usable(settings.templates);
  const steps = createSteps();
  for (const template of templates) {
    await steps.take(async () => {
      const wish = wishFor(template, {
        clusterId: record.id,
        name: nameOf(record),
        folderUid,
        datasourceUid: datasource.uid,
      });
      const before = observed.dashboards[template.name] ?? null;
      found.dashboards[template.name] = await bringDashboard(run, wish, before);
    });
    if (template.name !== mainTemplate) continue;
    await steps.take(async () => {
      found.share = await bringLink(run, {
        dashboardUid: uidOf(template, record.id),
        wanted: wantsLink(desired, settings.sharing, now),
        rotate: desired.rotation > observed.rotation,
      });
    });
  }
  // What a template made before it broke stays; what has no template any more does not.
  const known = new Set(settings.templates.map(({ name }) => name));
  for (const [name, { uid }] of Object.entries(observed.dashboards)) {
    if (known.has(name)) continue;
    await removeDashboard(run, uid);
    Reflect.deleteProperty(found.dashboards, name);
  }
  steps.end();
}

/** Steps that do not need one another: what somebody has to mend in one does not hold up the next. */
function createSteps() {
  let first: Failure | null = null;
  return {
    async take(step: () => Promise<void>): Promise<void> {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof Failure) || error.kind !== 'lasting') throw error;
        first ??= error;
      }
    },
    /** Throws the first failure that was held back. */
    end(): void {
      if (first !== null) throw first;
    },
  };
}

/** The links go first: should the rest fail, nothing is public any more. */
async function clear(run: Run, record: ClusterRecord): Promise<void> {
  const { found, settings } = run;
  const uids = new Set([
    ...settings.templates.map((template) => uidOf(template, record.id)),
    ...Object.values(record.observed.dashboards).map(({ uid }) => uid),
  ]);
  await run.grafana.prepare(run.signal);
  await removeLinks(run, record.id);
  found.share = null;
  for (const uid of uids) await removeDashboard(run, uid);
  found.dashboards = {};
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
