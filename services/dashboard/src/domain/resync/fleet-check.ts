import type { ClusterId } from '@bud-monitoring/contracts';
import type { Grafana, PublicDashboard } from '../../ports.js';
import type { CredentialsPause } from '../grafana/credentials-pause.js';
import { rateWindow } from '../grafana/scrape-interval.js';
import type { ReconcileSettings } from '../reconcile/context.js';
import { isNewerWriter } from '../reconcile/writer.js';
import { dashboardsDesired, displayName } from '../state/desired.js';
import type { ClusterRecord, Writer } from '../state/record.js';
import { mainUidOf, managedTag, revisionOf, uidOf } from '../templates/render.js';

/** Finds by few calls which of many clusters are not as they are recorded. */
export interface FleetCheck {
  /**
   * The clusters of `records` that have to be read whole: a dashboard or link of theirs is missing, is
   * another or is too many, or is of other templates. What is inside of dashboards is not read.
   */
  suspects(records: readonly ClusterRecord[]): Promise<Set<ClusterId>>;
}

const deadlineMs = 30_000;

/** A check by one search and one list of all public dashboards. */
export function createFleetCheck(options: {
  grafana: Grafana;
  credentialsPause: CredentialsPause;
  settings: ReconcileSettings;
  writer: Writer;
}): FleetCheck {
  const { grafana, credentialsPause, settings, writer } = options;
  const { templates } = settings;

  function hasOtherTemplates(
    record: ClusterRecord,
    datasource: { uid: string; intervalSeconds: number },
  ): boolean {
    const { dashboards, writer: recorded, scrapeSeconds = null, labels } = record.observed;
    if (isNewerWriter(recorded, writer)) return false;
    const input = {
      clusterId: record.id,
      labels: labels ?? [record.id],
      name: displayName(record),
      datasourceUid: datasource.uid,
      rateWindow: rateWindow(scrapeSeconds, datasource),
    };
    const valid = templates.filter(({ report }) => report.valid);
    return (
      Object.keys(dashboards).some((name) => templates.every((one) => one.name !== name)) ||
      valid.some((template) => {
        const observed = dashboards[template.name];
        if (observed === undefined) return template.needs === null;
        return !observed.drifted && observed.revision !== revisionOf(template, input);
      })
    );
  }

  return {
    async suspects(records) {
      await credentialsPause.check();
      const signal = AbortSignal.timeout(deadlineMs);
      const { datasource } = await grafana.ensurePrerequisites(signal);
      const found = await grafana.findDashboardsByTag(managedTag, signal);
      const uids = new Set(found.map(({ uid }) => uid));
      const links = new Map<string, PublicDashboard[]>();
      const listed = await grafana.allPublicDashboards(signal, { fresh: true });
      for (const { dashboardUid, ...link } of listed)
        links.set(dashboardUid, [...(links.get(dashboardUid) ?? []), link]);

      const isSuspect = (record: ClusterRecord): boolean => {
        const own = links.get(mainUidOf(record.id)) ?? [];
        if (!dashboardsDesired(record.desired))
          return own.length > 0 || templates.some((one) => uids.has(uidOf(one, record.id)));
        const { dashboards, share } = record.observed;
        const others = Object.values(dashboards).filter(({ uid }) => uid !== mainUidOf(record.id));
        return (
          !datasource.ok ||
          others.some(({ uid }) => links.has(uid)) ||
          hasOtherTemplates(record, datasource) ||
          Object.values(dashboards).some(({ uid }) => !uids.has(uid)) ||
          own.length !== (share === null ? 0 : 1) ||
          own.some(
            ({ uid, accessToken, isEnabled }) =>
              uid !== share?.uid ||
              accessToken !== share.accessToken ||
              isEnabled !== share.isEnabled,
          )
        );
      };
      return new Set(records.filter(isSuspect).map(({ id }) => id));
    },
  };
}
