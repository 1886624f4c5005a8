import type { Expected } from './ledger.js';

const suffixes = [
  ['', ''],
  ['-n', ' Nodes'],
  ['-p', ' Power'],
  ['-w', ' Workloads'],
] as const;

/** All dashboards and public dashboards of a Grafana. */
export interface GrafanaSnapshot {
  dashboards(): { uid: string; title: string; version: number; data: Record<string, unknown> }[];
  publicDashboards(): { uid: string; dashboardUid: string; isEnabled: boolean }[];
}

/** A dashboard that is somebody else's. */
export interface Foreign {
  uid: string;
  title: string;
  version: number;
}

/** The description of a dashboard that was edited by another client. */
export const manualEditMark = 'Edited by hand';

/** The titles that a cluster's dashboards must have, by uid. */
export function titlesOf(clusterId: string, name: string): [uid: string, title: string][] {
  const clean = Array.from(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim());
  const cut = clean.slice(0, 150).join('').trim();
  const shown = cut === '' ? clusterId : cut;
  return suffixes.map(([suffix, label]) => [
    `${clusterId}${suffix}`,
    `${shown} (${clusterId.slice(0, 8)})${label}`,
  ]);
}

/**
 * How Grafana differs from what should be, one line each; empty when each living cluster has exactly
 * its dashboards and one link that works, each deleted one none, and nothing else is there or changed.
 */
export function differences(
  grafana: GrafanaSnapshot,
  expected: readonly Expected[],
  foreign: readonly Foreign[],
): string[] {
  const wrong: string[] = [];
  const wanted = new Map(
    expected.flatMap(({ clusterId, name }) => (name === null ? [] : titlesOf(clusterId, name))),
  );
  const others = new Map(foreign.map((one) => [one.uid, one]));
  for (const { uid, title, version, data } of grafana.dashboards()) {
    const other = others.get(uid);
    if (other !== undefined) {
      if (other.title !== title || other.version !== version)
        wrong.push(`somebody else's ${uid} was changed: ${title} in version ${version}`);
      others.delete(uid);
      continue;
    }
    const expectedTitle = wanted.get(uid);
    if (expectedTitle === undefined) wrong.push(`${uid} should not be there: ${title}`);
    else if (expectedTitle !== title)
      wrong.push(`${uid} is called ${title} instead of ${expectedTitle}`);
    else if (data['description'] === manualEditMark)
      wrong.push(`${uid} still has the edit of another client`);
    wanted.delete(uid);
  }
  for (const uid of wanted.keys()) wrong.push(`${uid} is missing`);
  for (const uid of others.keys()) wrong.push(`somebody else's ${uid} is gone`);

  const links = new Map<string, number>();
  for (const { dashboardUid, isEnabled, uid } of grafana.publicDashboards()) {
    if (!isEnabled) wrong.push(`the link ${uid} of ${dashboardUid} is switched off`);
    links.set(dashboardUid, (links.get(dashboardUid) ?? 0) + 1);
  }
  for (const { clusterId, name } of expected) {
    const count = links.get(clusterId) ?? 0;
    const right = name === null ? 0 : 1;
    if (count !== right) wrong.push(`${clusterId} has ${count} links instead of ${right}`);
    links.delete(clusterId);
  }
  for (const uid of links.keys()) wrong.push(`a link leads to ${uid}`);
  return wrong;
}
