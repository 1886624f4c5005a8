import type { BrowserClient } from '@bud-monitoring/browser';
import type { GrafanaDashboard } from '@bud-monitoring/contracts';

/** Something that can be done. */
export interface Offer {
  title: string;
  /** Asked before it is done, where it takes something away from somebody. */
  question?: string;
  /** Whether it is about the public link, and not the dashboards. */
  isOfLink?: boolean;
  /** Said after it. */
  done: string;
  run: (client: BrowserClient, id: string) => Promise<unknown>;
}

const retry: Offer = {
  title: 'Provision again',
  done: 'The dashboards are provisioned again.',
  run: (client, id) => client.provisionGrafanaDashboard(id),
};
const force: Offer = {
  title: 'Try with refused credentials',
  done: 'Tried once, although Grafana has refused the credentials before.',
  run: (client, id) => client.provisionGrafanaDashboard(id, { force: 'true' }),
};
const adopt: Offer = { ...retry, title: 'Adopt', done: 'The cluster is known, and provisioned.' };
const remove: Offer = {
  title: 'Remove dashboards',
  question:
    'The dashboards of this cluster are deleted in Grafana, and their public link ends, until they are provisioned again.',
  done: 'The dashboards are being removed.',
  run: (client, id) => client.removeGrafanaDashboard(id),
};
const rotate: Offer = {
  title: 'Replace the link',
  isOfLink: true,
  question: 'The public link ends at once for everybody who has it. A new one takes its place.',
  done: 'The link was replaced.',
  run: (client, id) => client.rotateLink(id),
};
const end: Offer = {
  title: 'End the link',
  isOfLink: true,
  question: 'The public link ends at once for everybody who has it.',
  done: 'There is to be no public link.',
  run: (client, id) => client.putSharing(id, { enabled: false }),
};
const share: Offer = {
  title: 'Make a link',
  isOfLink: true,
  done: 'There is to be a public link.',
  run: (client, id) => client.putSharing(id, { enabled: true }),
};

/** What makes sense where dashboards stand; null for those of a cluster that is not known. */
export function actionsFor(
  standing: Pick<GrafanaDashboard, 'status' | 'sharing'> | null,
): readonly Offer[] {
  if (standing === null) return [adopt, remove];
  const { status, sharing } = standing;
  if (status === 'deleting') return [remove];
  if (status === 'unreadable') return [retry, remove];
  const links = sharing.enabled ? [rotate, end] : [share];
  return [retry, ...(status === 'failed' ? [force] : []), ...links, remove];
}
