import { mainUidOf } from '../templates/render.js';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, Grafana } from '../../ports.js';
import type { CredentialsPause } from '../grafana/credentials-pause.js';
import type { ClusterRecord } from '../state/record.js';

/** How long what Grafana said of a link stands. */
const knownMs = 60_000;
const deadlineMs = 2_000;
/** How long a Grafana that did not answer is not asked again: each caller would wait for it. */
const quietMs = 10_000;
/** Clusters that are remembered. */
const maxKnown = 10_000;

/** Whether the public link of a record still opens, as far as Grafana says; asked once a minute at most. */
export type LinkCheck = (record: ClusterRecord) => Promise<boolean>;

export function createLinkCheck(options: {
  grafana: Grafana;
  credentialsPause: CredentialsPause;
  clock: Clock;
}): LinkCheck {
  const { grafana, credentialsPause, clock } = options;
  const known = new Map<ClusterId, { token: string; until: number }>();
  let quietUntil = 0;

  return async ({ id, observed: { share } }) => {
    if (share === null) return true;
    const before = known.get(id);
    if (before?.token === share.accessToken && clock.now() < before.until) return true;
    if (clock.now() < quietUntil) return true;
    try {
      await credentialsPause.check();
      const now = await grafana.getPublicDashboard(mainUidOf(id), AbortSignal.timeout(deadlineMs));
      if (now?.accessToken !== share.accessToken || !now.isEnabled) return false;
    } catch {
      // A Grafana that does not answer says nothing of the link.
      quietUntil = clock.now() + quietMs;
      return true;
    }
    if (known.size >= maxKnown) known.clear();
    known.set(id, { token: share.accessToken, until: clock.now() + knownMs });
    return true;
  };
}
