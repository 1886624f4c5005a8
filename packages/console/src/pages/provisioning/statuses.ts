import type { DashboardStatus } from '@bud-monitoring/contracts';
import type { Tone } from '../../parts/values/status';

/** What each status means for whoever looks, in the order in which they are looked for. */
export const statuses: Readonly<
  Record<DashboardStatus, { word: string; tone: Tone; meaning: string }>
> = {
  failed: { word: 'Failed', tone: 'bad', meaning: 'The error says what somebody has to mend.' },
  unreadable: {
    word: 'Unreadable',
    tone: 'bad',
    meaning: 'The stored record cannot be read by this version; the error names the ways out.',
  },
  deleting: {
    word: 'Deleting',
    tone: 'warning',
    meaning: 'Of a deleted cluster; until all is removed its link may still open.',
  },
  pending: { word: 'Pending', tone: 'warning', meaning: 'Is being worked on.' },
  orphaned: {
    word: 'Orphaned',
    tone: 'warning',
    meaning: 'In Grafana there are dashboards of a cluster that is not known here.',
  },
  disabled: { word: 'No link', tone: 'off', meaning: 'There is no public link, as was asked for.' },
  ready: {
    word: 'Ready',
    tone: 'good',
    meaning: 'The dashboards are there, and their link opens.',
  },
};

export const isStatus = (text: string | undefined): text is DashboardStatus =>
  text !== undefined && Object.hasOwn(statuses, text);
