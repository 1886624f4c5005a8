import type { Share } from '../../ports.js';
import type { Observed } from '../state/record.js';
import { Failure } from '../grafana/failure.js';
import type { Run } from './context.js';

/** More links of one dashboard than any race makes; seeing more is a fault to report. */
const maxLinks = 50;

/** What the public link of the main dashboard should be. */
export interface LinkWish {
  dashboardUid: string;
  /** Whether it should work. */
  wanted: boolean;
  /** Whether a new one was asked for. A second time does no harm: nobody has seen the first. */
  rotate: boolean;
}

/**
 * Brings the public link to what is wanted: one that works, or none that does. A link that exists is
 * taken, since Grafana 9.4 makes a second one for whoever asks.
 */
export async function bringLink(run: Run, wish: LinkWish): Promise<Observed['share']> {
  const { grafana, signal } = run;
  const { dashboardUid } = wish;
  let share = await grafana.getShare(dashboardUid, signal);
  if (wish.rotate && share !== null) {
    await removeLinks(run, dashboardUid);
    share = null;
  }
  if (share === null && wish.wanted) {
    await run.hold();
    share = await grafana.createShare(dashboardUid, signal);
    run.meter.grafanaWrite('share');
  } else if (share !== null && share.isEnabled !== wish.wanted) {
    await run.hold();
    share = await grafana.enableShare(dashboardUid, share.uid, wish.wanted, signal);
    run.meter.grafanaWrite('share');
  }
  if (run.doubt) await removeOthers(run, dashboardUid, share);
  return share;
}

/** Removes every public link of a dashboard. */
export async function removeLinks(run: Run, dashboardUid: string): Promise<void> {
  for (let n = 0; n < maxLinks; n += 1) {
    const share = await run.grafana.getShare(dashboardUid, run.signal);
    if (share === null) return;
    await removeLink(run, dashboardUid, share.uid);
  }
  throw new Failure({
    kind: 'transient',
    code: 'links_remain',
    message: 'Public links keep appearing while they are being removed',
  });
}

/** Removes the links that a try of ours made without living to see it. */
async function removeOthers(run: Run, dashboardUid: string, kept: Share | null): Promise<void> {
  for (const uid of await run.grafana.sharesOf(dashboardUid, run.signal))
    if (uid !== kept?.uid) await removeLink(run, dashboardUid, uid);
}

async function removeLink(run: Run, dashboardUid: string, shareUid: string): Promise<void> {
  await run.hold();
  await run.grafana.deleteShare(dashboardUid, shareUid, run.signal);
  run.meter.grafanaWrite('delete');
}
