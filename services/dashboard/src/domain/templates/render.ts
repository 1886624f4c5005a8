import { createHash } from 'node:crypto';
import { isUuid, type ClusterId, type TemplateProblem } from '@bud-monitoring/contracts';
import type { JsonObject } from './json.js';
import type { PrepareInput } from './prepare.js';
import { withNameInRows } from './row-titles.js';
import { mainTemplate, type Template } from './template.js';
import { ownVariables } from './variables.js';

/** The tag of every dashboard that this service manages. */
export const managedTag = 'bud-monitoring';

/** The tag of a cluster's dashboards begins so; its id follows. */
export const clusterTagPrefix = 'cluster:';

/** What a template is rendered for. */
export interface RenderInput extends PrepareInput {
  clusterId: ClusterId;
  /** How the store writes the id as label. */
  labels: readonly string[];
  name: string;
}

/** A rendered dashboard, or the problems for which it must not be published. */
export type Rendered =
  { ok: true; dashboard: Dashboard } | { ok: false; problems: TemplateProblem[] };

/** A dashboard in Grafana's classic JSON. */
export type Dashboard = JsonObject & { uid: string; title: string };

/** Grafana's uid of a cluster's main dashboard: 36 characters at most, so a name is hashed. */
export function mainUidOf(clusterId: ClusterId): string {
  if (isUuid(clusterId)) return clusterId;
  return createHash('sha256').update(clusterId).digest('hex').slice(0, 32);
}

/** Grafana's uid of a template's dashboard; that of the main one and the suffix, 40 are allowed. */
export function uidOf(template: Pick<Template, 'suffix'>, clusterId: ClusterId): string {
  return `${mainUidOf(clusterId)}${template.suffix}`;
}

/**
 * The title: the name, cut at 150 characters, and the first 8 of the uid, so that two clusters of one
 * name do not compete for it; then what the template shows, except for the main one. With `whole` all
 * of the id, for where that title is taken. Some of Grafana's databases keep 189 characters.
 */
export function titleOf(
  template: Pick<Template, 'label'>,
  clusterId: ClusterId,
  name: string,
  { whole = false, upTo = whole ? 115 : 150 }: { whole?: boolean; upTo?: number } = {},
): string {
  const clean = Array.from(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim());
  const short = clean.slice(0, upTo).join('').trim();
  const label = template.label === '' ? '' : ` ${template.label}`;
  const id = whole ? clusterId : shortIdOf(clusterId);
  return `${short === '' ? clusterId : short} (${id})${label}`;
}

/** What tells clusters of one name apart in titles. */
const shortIdOf = (clusterId: ClusterId) => mainUidOf(clusterId).slice(0, 8);

/** The name in a title that `titleOf` made of the main dashboard; null where it is another title. */
export function nameInTitle(title: string, clusterId: ClusterId): string | null {
  for (const end of [` (${shortIdOf(clusterId)})`, ` (${clusterId})`])
    if (title.endsWith(end)) return title.slice(0, -end.length);
  return null;
}

/** Changes whenever `render` would make something else of the same code. */
export function revisionOf(
  template: Template,
  { clusterId, labels, name, datasourceUid, rateWindow }: RenderInput,
): string {
  const window = template.takesRates && rateWindow !== null ? [rateWindow] : [];
  const named = labels.join() === clusterId ? [] : labels;
  return createHash('sha256')
    .update(JSON.stringify([template.hash, clusterId, name, datasourceUid, ...window, ...named]))
    .digest('hex')
    .slice(0, 16);
}

/**
 * The dashboard of one cluster: its variables filled in and dropped. The shared one has no others and no
 * links, since they lead to a login; the rest keep their own and lead to each other. Not ok when a query is
 * not proven to be scoped.
 */
export function render(template: Template, input: RenderInput): Rendered {
  const prepared = template.prepare(input);
  if (!prepared.ok) return prepared;
  const filled = withNameInRows(
    prepared.forCluster(input.labels),
    titleOf({ label: '' }, input.clusterId, input.name, { upTo: 80 }),
  );
  const isShared = template.name === mainTemplate;
  const tags = Array.isArray(filled['tags']) ? filled['tags'] : [];
  return {
    ok: true,
    dashboard: {
      ...filled,
      uid: uidOf(template, input.clusterId),
      title: titleOf(template, input.clusterId, input.name),
      tags: [...new Set([...tags, managedTag, `${clusterTagPrefix}${input.clusterId}`])],
      templating: { list: isShared ? [] : ownVariables(filled) },
      links: isShared ? [] : [siblings(input.clusterId)],
    },
  };
}

/** Leads to all dashboards of a cluster. */
function siblings(clusterId: ClusterId): JsonObject {
  return {
    asDropdown: true,
    icon: 'external link',
    includeVars: false,
    keepTime: true,
    tags: [`${clusterTagPrefix}${clusterId}`],
    targetBlank: false,
    title: 'Dashboards of this cluster',
    tooltip: '',
    type: 'dashboards',
    url: '',
  };
}
