import { z } from 'zod';

/**
 * What ids clusters have. `uuid`: any UUID text (zod's `uuid()` would refuse ids that Python made), lower-cased.
 * `label`: also 1 to 63 letters, digits, `-`, `_` and `.` with a letter or digit at both ends, as they are.
 */
export const clusterIdFormats = ['uuid', 'label'] as const;
export type ClusterIdFormat = (typeof clusterIdFormats)[number];

const uuid = z.guid();
const label = /^[a-z\d]([\w.-]{0,61}[a-z\d])?$/i;

let format: ClusterIdFormat = 'uuid';

/** Sets what ids clusters have, for all of the process: before anything is read. */
export function useClusterIdFormat(used: ClusterIdFormat): void {
  format = used;
}

/** Whether a cluster id is a UUID and no name. */
export function isUuid(text: string): boolean {
  return uuid.safeParse(text).success;
}

/** The one id of a cluster: the value of the `cluster` label and bud-cluster's key. */
export const clusterIdSchema = z
  .string('must be a text')
  .transform((text, context) => {
    if (isUuid(text)) return text.toLowerCase();
    if (format === 'label' && label.test(text)) return text;
    const message =
      format === 'uuid'
        ? 'must be a UUID'
        : 'must be a UUID, or up to 63 letters, digits, -, _ and . with a letter or digit at both ends';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .brand<'ClusterId'>()
  .meta({ format: 'uuid', description: 'With CLUSTER_ID_FORMAT=label also a name' });

/** A validated cluster id; a UUID in lower case. */
export type ClusterId = z.infer<typeof clusterIdSchema>;

/** How agents may write a cluster's id as label: a UUID in small letters and in capitals. */
export function spellingsOf(cluster: ClusterId): readonly string[] {
  return isUuid(cluster) ? [...new Set([cluster, cluster.toUpperCase()])] : [cluster];
}

/** Labels of clusters that are not, or not only, stored as their id. */
export type StoredSpellings = ReadonlyMap<string, readonly string[]>;

/** How a store writes the ids of clusters, by its values of the label `cluster`. */
export function storedSpellings(labels: readonly string[]): StoredSpellings {
  const stored = new Set(labels);
  const spellings = new Map<string, readonly string[]>();
  for (const label of labels) {
    // Few have capitals, and reading an id takes its time.
    if (label === label.toLowerCase()) continue;
    const { data: id } = clusterIdSchema.safeParse(label);
    if (id === undefined || id === label) continue;
    const others = spellings.get(id) ?? (stored.has(id) ? [id] : []);
    spellings.set(id, [...others, label]);
  }
  return spellings;
}
