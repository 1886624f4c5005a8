import type { CurrentDashboard } from '../../ports.js';
import { Failure, permanentFailure } from '../grafana/failure.js';
import type { ObservedDashboard } from '../state/record.js';
import {
  render,
  revisionOf,
  titleOf,
  uidOf,
  type Dashboard,
  type RenderInput,
} from '../templates/render.js';
import type { Template } from '../templates/template.js';
import type { DashboardContext } from './context.js';
import { dashboardHash, hashVersion } from './dashboard-hash.js';
import { planDashboard } from './plan.js';

/** How often a dashboard that others are saving too is read again within one context. */
const maxTries = 4;

/** The desired state of one dashboard. */
export interface DesiredDashboard {
  uid: string;
  /** Changes whenever `render` would return something else. */
  revision: string;
  /** Throws the `Failure` of a template that may not be published. */
  render: () => Dashboard;
  /** The title that `render` gives it. */
  title: string;
  /** A unique title, for where the other is taken. */
  uniqueTitle: string;
  folderUid: string | null;
}

/** The desired dashboard of one template for a living cluster. */
export function desiredDashboard(
  template: Template,
  input: RenderInput & { folderUid: string | null },
): DesiredDashboard {
  return {
    uid: uidOf(template, input.clusterId),
    revision: revisionOf(template, input),
    render: () => renderOrFail(template, input),
    title: titleOf(template, input.clusterId, input.name),
    uniqueTitle: titleOf(template, input.clusterId, input.name, { whole: true }),
    folderUid: input.folderUid,
  };
}

/**
 * Reconciles one dashboard; `observed` is its state after our last write, and returned where nothing
 * changed. Throws `Failure`.
 */
export async function applyDashboard(
  context: DashboardContext,
  desired: DesiredDashboard,
  observed: ObservedDashboard | null,
): Promise<ObservedDashboard> {
  const { grafana, settings, signal } = context;
  const { uid, revision } = desired;
  const rendered = lazy(desired.render);
  for (let tries = 0; tries < maxTries; tries += 1) {
    const current = await grafana.getDashboard(uid, signal);
    if (current?.isFolder === true)
      throw permanentFailure('uid_taken', `A folder has the uid ${uid}`);
    if (current === null && observed !== null) context.onDashboardMissing();
    const step = planDashboard({
      current,
      observed,
      revision,
      rendered,
      policy: settings.drift,
      folderUid: desired.folderUid,
      titles: [desired.title, desired.uniqueTitle],
      isOfNewer: context.isOfNewer,
    });
    const version = current?.version ?? 0;
    const place = desired.folderUid === null ? {} : { folderUid: desired.folderUid };
    if (step.action === 'none' && observed !== null) return observed;
    if (step.action === 'adopt')
      return {
        ...observed,
        ...place,
        uid,
        version,
        hash: step.hash,
        hashVersion,
        revision,
        drifted: false,
      };
    if (step.action === 'leave') {
      if (observed?.drifted !== true) context.meter.drift();
      return { uid, version, hash: null, revision: '', ...observed, drifted: true };
    }
    if (step.action === 'write' && step.drifted) context.meter.drift();
    const retitle = step.action === 'retitle' && current !== null;
    const content = retitle ? { ...current.dashboard, uid, title: desired.title } : rendered();
    const written = await write(context, content, { ...desired, current });
    // The revision of newer templates is for their own process to record.
    if (written !== 'stale')
      return {
        ...observed,
        ...written,
        ...place,
        hashVersion,
        revision: retitle ? '' : revision,
        drifted: false,
      };
  }
  throw new Failure({
    kind: 'transient',
    code: 'contended',
    message: 'Others keep saving the dashboard',
  });
}

/** Saves over the version that was read, and reads what Grafana stored. */
async function write(
  context: DashboardContext,
  rendered: Dashboard,
  place: { current: CurrentDashboard | null; folderUid: string | null; uniqueTitle: string },
): Promise<'stale' | { uid: string; version: number; hash: string | null }> {
  const { grafana, signal } = context;
  const { current, uniqueTitle } = place;
  // Without a configured folder it stays in the folder where it is.
  const folderUid =
    place.folderUid ?? (current?.folderUid === '' ? null : (current?.folderUid ?? null));
  const save = async (title: string) => {
    await context.acquireOrRenew();
    // The version of a dashboard that does not exist would be stale.
    const dashboard = { ...rendered, title, ...(current !== null && { version: current.version }) };
    return grafana.saveDashboard({
      dashboard,
      folderUid,
      message: 'Provisioned by bud-dashboard',
      signal,
    });
  };
  const saved = await save(rendered.title).catch((error: unknown) => {
    // A dashboard of somebody else has the title.
    if (error instanceof Failure && error.code === 'name_exists') return save(uniqueTitle);
    throw error;
  });
  if (saved === 'stale') return saved;
  context.meter.grafanaWrite('save');
  const after = await grafana.getDashboard(rendered.uid, signal);
  // Somebody else may have saved since: that content is not ours.
  const hash = after?.version === saved.version ? dashboardHash(after.dashboard) : null;
  return { uid: rendered.uid, version: saved.version, hash };
}

/** Deletes one dashboard if it exists. */
export async function deleteDashboard(context: DashboardContext, uid: string): Promise<void> {
  const current = await context.grafana.getDashboard(uid, context.signal);
  if (current === null || current.isFolder) return;
  await context.acquireOrRenew();
  await context.grafana.deleteDashboard(uid, context.signal);
  context.meter.grafanaWrite('delete');
}

function renderOrFail(template: Template, input: RenderInput): Dashboard {
  const result = render(template, input);
  if (result.ok) return result.dashboard;
  const [first] = result.problems;
  throw permanentFailure(
    'template_invalid',
    `The template ${template.name} may not be published: ${first?.path ?? ''} ${first?.message ?? ''}`,
  );
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
