import type { ClusterId } from '@bud-monitoring/contracts';
import type { CurrentDashboard } from '../../ports.js';
import type { ObservedDashboard } from '../state/record.js';
import { render, revisionOf, titleOf, uidOf, type Dashboard } from '../templates/render.js';
import type { Template } from '../templates/template.js';
import { hashOf } from './drift.js';
import { Failure } from '../grafana/failure.js';
import { plan } from './plan.js';
import type { DashboardRun, Run } from './context.js';

/** How often a dashboard that others are saving too is read again within one run. */
const maxTries = 4;

/** What a dashboard should be. */
export interface Wish {
  uid: string;
  /** Changes whenever `render` would make something else. */
  revision: string;
  /** Throws the `Failure` of a template that may not be published. */
  render: () => Dashboard;
  /** A title that nobody else can have, for where the one of `render` is taken. */
  longTitle: string;
  folderUid: string | null;
}

/** The wish for one dashboard of a living cluster. */
export function wishFor(
  template: Template,
  input: { clusterId: ClusterId; name: string; folderUid: string | null; datasourceUid: string },
): Wish {
  return {
    uid: uidOf(template, input.clusterId),
    revision: revisionOf(template, input),
    render: () => renderOrFail(template, input),
    longTitle: titleOf(template, input.clusterId, input.name, { whole: true }),
    folderUid: input.folderUid,
  };
}

/** Brings one dashboard to what is wanted; `observed` is what we left there. */
export async function bringDashboard(
  run: DashboardRun,
  wish: Wish,
  observed: ObservedDashboard | null,
): Promise<ObservedDashboard> {
  const { grafana, settings, signal } = run;
  const { uid, revision } = wish;
  const wanted = once(wish.render);
  for (let tries = 0; tries < maxTries; tries += 1) {
    const current = await grafana.getDashboard(uid, signal);
    if (current?.isFolder === true) throw lasting('uid_taken', `A folder has the uid ${uid}`);
    if (current === null && observed !== null) run.onLost();
    const step = plan({
      current,
      observed,
      revision,
      wanted,
      policy: settings.drift,
    });
    const version = current?.version ?? 0;
    if (step.action === 'none' && observed !== null) return observed;
    if (step.action === 'adopt') return { uid, version, hash: step.hash, revision, drifted: false };
    if (step.action === 'leave') {
      if (observed?.drifted !== true) run.meter.drift();
      return { uid, version, hash: null, revision: '', ...observed, drifted: true };
    }
    if (step.action === 'write' && step.drifted) run.meter.drift();
    const written = await write(run, wanted(), { ...wish, current });
    if (written !== 'stale') return { ...written, revision, drifted: false };
  }
  throw new Failure({
    kind: 'transient',
    code: 'contended',
    message: 'Others keep saving the dashboard',
  });
}

/** Saves over what was read, and reads what Grafana made of it. */
async function write(
  run: DashboardRun,
  wanted: Dashboard,
  context: { current: CurrentDashboard | null; folderUid: string | null; longTitle: string },
): Promise<'stale' | { uid: string; version: number; hash: string | null }> {
  const { grafana, signal } = run;
  const { current, longTitle } = context;
  // Without a folder of ours it stays where somebody put it.
  const folderUid =
    context.folderUid ?? (current?.folderUid === '' ? null : (current?.folderUid ?? null));
  const save = async (title: string) => {
    await run.hold();
    // A version on a dashboard that is not there would be stale.
    const dashboard = { ...wanted, title, ...(current !== null && { version: current.version }) };
    return grafana.saveDashboard({
      dashboard,
      folderUid,
      message: 'Provisioned by bud-dashboard',
      signal,
    });
  };
  const saved = await save(wanted.title).catch((error: unknown) => {
    // Somebody else's dashboard has the title; ours takes one that nobody else can have.
    if (error instanceof Failure && error.code === 'name_exists') return save(longTitle);
    throw error;
  });
  if (saved === 'stale') return saved;
  run.meter.grafanaWrite('save');
  const after = await grafana.getDashboard(wanted.uid, signal);
  // Another's save since then is not ours to vouch for.
  const hash = after?.version === saved.version ? hashOf(after.dashboard) : null;
  return { uid: wanted.uid, version: saved.version, hash };
}

/** Removes one dashboard if it is there. */
export async function removeDashboard(run: Run, uid: string): Promise<void> {
  const current = await run.grafana.getDashboard(uid, run.signal);
  if (current === null || current.isFolder) return;
  await run.hold();
  await run.grafana.deleteDashboard(uid, run.signal);
  run.meter.grafanaWrite('delete');
}

function renderOrFail(
  template: Template,
  context: { clusterId: ClusterId; name: string; datasourceUid: string },
): Dashboard {
  const rendered = render(template, context);
  if (rendered.ok) return rendered.dashboard;
  const [first] = rendered.problems;
  throw lasting(
    'template_invalid',
    `The template ${template.name} may not be published: ${first?.path ?? ''} ${first?.message ?? ''}`,
  );
}

/** A failure that somebody has to mend. */
export function lasting(code: string, message: string): Failure {
  return new Failure({ kind: 'lasting', code, message });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
