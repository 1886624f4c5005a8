import { clusterIdSchema, topics, type ClusterId } from '@bud-monitoring/contracts';
import type { Dapr } from '@bud-monitoring/client/dapr';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { managedTag } from '../domain/templates/render.js';

/** The tag of the original's only template. */
const originalTag = 'kubernetes-mixin';

/** A dashboard that the original made: its uid is the cluster's id, its title the cluster's name. */
export interface Original {
  id: ClusterId;
  name: string;
  /** Whether it has a public link that opens. */
  isShared: boolean;
}

/** The original's dashboards that are not ours already, by name. */
export async function findOriginals(
  grafana: Pick<GrafanaClient, 'findDashboardsByTag' | 'listPublicDashboards'>,
): Promise<Original[]> {
  const [found, links] = await Promise.all([
    grafana.findDashboardsByTag(originalTag),
    grafana.listPublicDashboards(),
  ]);
  const shared = new Set(
    links.flatMap(({ dashboardUid, isEnabled }) => (isEnabled ? [dashboardUid] : [])),
  );
  return found
    .flatMap(({ uid, title, tags }) => {
      const id = clusterIdSchema.safeParse(uid);
      // An upper-case uid is not the one that we would write to.
      if (!id.success || id.data !== uid || tags.includes(managedTag)) return [];
      return [{ id: id.data, name: title, isShared: shared.has(uid) }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Announces each cluster, as created at the beginning of all time: whatever else was or will be said of
 * it counts more. Both services hear of it; bud-dashboard takes the dashboard over by its uid, and with
 * it the link.
 */
export async function announce(
  originals: readonly Original[],
  { dapr, pubsub }: { dapr: Pick<Dapr, 'publish'>; pubsub: string },
): Promise<void> {
  for (const { id, name } of originals)
    await dapr.publish(
      pubsub,
      topics.clusterCreated,
      { cluster_id: id, name },
      {
        cloudEvent: {
          id: `adopt-${id}`,
          source: 'bud-monitoring/adopt-originals',
          type: topics.clusterCreated,
          time: new Date(0).toISOString(),
        },
      },
    );
}
