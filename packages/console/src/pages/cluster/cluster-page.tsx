import type { Cluster } from '@bud-monitoring/contracts';
import { useLocation, useRoute } from 'preact-iso';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { Freshness } from '../../parts/values/freshness';
import { Health } from '../../parts/values/health';
import { ErrorNotice, Loading } from '../../parts/page/state';
import { Ago } from '../../parts/values/time';
import { useTitle } from '../../parts/hooks/use-title';
import { useNow } from '../../parts/hooks/use-now';
import { waitAfter } from '../../parts/hooks/use-request';
import { AlertsTab } from './alerts/alerts-tab';
import '../../parts/page/tabs.css';
import './cluster.css';
import { clusterHref, readClusterView, tabs, type ClusterView, type Tab } from './cluster-url';
import { DashboardsTab } from './dashboards-tab';
import { GpusTab } from './gpus-tab';
import { NodesTab } from './nodes/nodes-tab';
import { OverviewTab } from './overview/overview-tab';
import { PowerTab } from './power-tab';
import { RangeChoice } from './range-choice';
import { useFigures, useSummary, type Figures } from './use-cluster';

/** One cluster: what it is doing, its nodes, alerts and dashboards. */
export default function ClusterPage() {
  const { id = '' } = useRoute().params;
  const { url, route } = useLocation();
  const query = url.split('?')[1] ?? '';
  const view = useMemo(() => readClusterView(query), [query]);
  const summary = useSummary(id);
  const cluster = summary.data;
  // Without its summary the number of nodes stays unknown, and its figures are asked for all the same. In fifties, as
  // another number is another question.
  const known = summary.loading && !cluster ? undefined : (cluster?.nodes ?? 0);
  const nodes = known === undefined ? undefined : Math.ceil(known / 50) * 50;
  const range = useRange(view);
  // A cluster that there is not, or not for this caller, is not asked about again.
  const refused = summary.error !== null && waitAfter(summary.error) === undefined;
  const figures = useFigures(id, range, refused ? undefined : nodes);
  const now = useNow(5000);
  useTitle(cluster?.name ?? id);
  const go = useCallback(
    (change: Partial<ClusterView>) => route(clusterHref(id, { ...view, ...change })),
    [route, id, view],
  );

  return (
    <>
      <nav class="crumbs" aria-label="You are here">
        <a href="/">Fleet</a> <span aria-hidden="true">/</span>
      </nav>
      <div class="page-head">
        <div>
          <h1>{cluster?.name ?? id}</h1>
          {cluster && (
            <p class="cluster-facts">
              <Health state={cluster.state} />
              <span>
                last contact{' '}
                <Ago at={contactOf(cluster.newest_sample_age_seconds, summary.at)} now={now} />
              </span>
              <code>{cluster.cluster_id}</code>
            </p>
          )}
        </div>
        <Freshness
          at={figures.at}
          stream={range.name === undefined || refused ? null : figures.stream}
        />
      </div>
      {summary.error && <ErrorNotice error={summary.error} retry={summary.reload} />}
      {!refused && (
        <>
          <div class="cluster-bar">
            <Tabs id={id} view={view} alerts={cluster?.alerts} />
            {hasRange(view.tab) && <RangeChoice id={id} view={view} go={go} />}
          </div>
          <Content {...{ id, view, figures }} />
        </>
      )}
    </>
  );
}

const contactOf = (age: number | null, at: number) => (age === null ? null : at - age);

/** The same object as long as the URL says the same: what depends on it asks the API. */
function useRange({ range }: ClusterView): ClusterView['range'] {
  const { name, from, to } = range;
  return useMemo(() => (name === undefined ? { from, to } : { name }), [name, from, to]);
}

const hasRange = (tab: Tab) => tab !== 'alerts' && tab !== 'dashboards';

function Tabs(props: { id: string; view: ClusterView; alerts: Cluster['alerts'] | undefined }) {
  const { id, view, alerts } = props;
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone they are wider than the screen.
    const current = list.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view.tab]);
  return (
    <nav class="tabs" aria-label="Parts of the cluster" ref={list}>
      {tabs.map(([tab, title]) => (
        <a
          key={tab}
          href={clusterHref(id, { ...view, tab, node: undefined })}
          aria-current={tab === view.tab ? 'page' : undefined}
        >
          {title}
          {tab === 'alerts' && alerts && <AlertCount {...alerts} />}
        </a>
      ))}
    </nav>
  );
}

function AlertCount({ critical, warning }: { critical: number; warning: number }) {
  if (critical + warning === 0) return null;
  return (
    <span class={critical > 0 ? 'count count-bad' : 'count count-warning'}>
      {critical + warning}
      <span class="visually-hidden"> firing</span>
    </span>
  );
}

function Content(props: { id: string; view: ClusterView; figures: Figures }) {
  const { id, view, figures } = props;
  if (view.tab === 'alerts') return <AlertsTab id={id} />;
  if (view.tab === 'dashboards') return <DashboardsTab id={id} />;
  const { request, newest } = figures;
  return (
    <>
      {request.error && <ErrorNotice error={request.error} retry={request.reload} />}
      {newest === null && !request.error && <Loading />}
      {newest !== null && view.tab === 'overview' && (
        <OverviewTab metrics={newest} series={request.data} />
      )}
      {newest !== null && view.tab === 'nodes' && <NodesTab id={id} view={view} metrics={newest} />}
      {newest !== null && view.tab === 'gpus' && <GpusTab metrics={newest} series={request.data} />}
      {newest !== null && view.tab === 'power' && (
        <PowerTab metrics={newest} series={request.data} />
      )}
    </>
  );
}
