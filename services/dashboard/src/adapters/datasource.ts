import { UpstreamError } from '@bud-monitoring/client';
import type { Datasource, GrafanaClient } from '@bud-monitoring/client/grafana';
import {
  chooseDatasource,
  typeProblem,
  type DatasourceChoice,
} from '../domain/grafana/datasource.js';
import {
  assumedSeconds,
  fleetSampleRate,
  scrapeSeconds,
  timeIntervalSeconds,
} from '../domain/grafana/scrape-interval.js';
import type { Clock, Log } from '../ports.js';
import { createDatasourceSettings, isAs, type StoreAccess } from './datasource-settings.js';

/** The data source that dashboards ask, and how it is made where it is ours to make. */
export interface DatasourceOptions {
  uid: string;
  /** Where Grafana reaches the store; null where the data source is somebody else's. */
  url: string | null;
  /** What the store wants of those who ask it. */
  access: StoreAccess;
}

/** How long the scrape interval of the fleet is not looked up again. */
const intervalMs = 10 * 60_000;

/** Finds the data source, or makes it and keeps it as it has to be; throws an `UpstreamError`. */
export function createDatasourceKeeper(options: {
  client: GrafanaClient;
  clock: Clock;
  log: Log;
  datasource: DatasourceOptions;
}): () => Promise<DatasourceChoice> {
  const { client, clock, log, datasource } = options;
  const { uid, url, access } = datasource;
  const name = `Bud Monitoring (${uid})`;
  let lastChosen: string | null = null;
  let interval: { until: number; seconds: number | null } = { until: 0, seconds: null };
  const settings = createDatasourceSettings({ uid, name, access });

  const chosen = (source: Datasource): DatasourceChoice => {
    const problem = typeProblem(source);
    if (problem !== null) return { ok: false, problem };
    const intervalSeconds = timeIntervalSeconds(source.jsonData['timeInterval']);
    return { ok: true, uid: source.uid, intervalSeconds };
  };
  const unseen: DatasourceChoice = {
    ok: true,
    uid,
    intervalSeconds: timeIntervalSeconds(undefined),
  };

  /** Seconds; as it was when the store could last be asked. */
  async function fleetInterval(): Promise<number | null> {
    if (clock.now() < interval.until) return interval.seconds;
    const found = await client.queryDatasource(uid, { A: fleetSampleRate }).catch(() => null);
    const seconds = scrapeSeconds(found?.get('A')?.[0]?.value) ?? interval.seconds;
    interval = { until: clock.now() + intervalMs, seconds };
    // Nothing is scraped yet: it will be soon.
    if (seconds === null) interval.until = clock.now() + intervalMs / 20;
    return seconds;
  }

  async function ensureOwn(url: string, existing: Datasource | null): Promise<DatasourceChoice> {
    const source =
      existing ??
      (await client.createDatasource(settings({ url, seconds: assumedSeconds, before: null })));
    if (source.name !== name) return chosen(source);
    const found = await fleetInterval();
    const known = timeIntervalSeconds(source.jsonData['timeInterval']);
    const wanted = settings({ url, seconds: found ?? known, before: source });
    if (isAs(source, wanted)) return chosen(source);
    try {
      return chosen(await client.updateDatasource(wanted));
    } catch (error) {
      if (!isForbidden(error)) throw error;
      log.warn('grafana does not let us change the data source', { datasource: uid });
      return chosen(source);
    }
  }

  /** Logs what is used in place of the configured data source, once for each choice. */
  function logChoice(choice: DatasourceChoice): DatasourceChoice {
    const chosenUid = choice.ok ? choice.uid : null;
    if (chosenUid === uid && lastChosen !== uid)
      log.warn(
        'grafana lacks the data source: set GRAFANA_DATASOURCE_UID or GRAFANA_DATASOURCE_URL',
        { datasource: uid },
      );
    else if (chosenUid !== null && chosenUid !== lastChosen)
      log.info('grafana lacks the configured data source: its own is used', {
        datasource: uid,
        chosen: chosenUid,
      });
    lastChosen = chosenUid;
    return choice;
  }

  return async () => {
    let existing: Datasource | null;
    try {
      existing = await client.findDatasource(uid);
      if (url === null) {
        if (existing !== null) return chosen(existing);
        const choice = chooseDatasource(await client.listDatasources(), uid);
        return logChoice(choice === null ? unseen : choice.ok ? chosen(choice.source) : choice);
      }
    } catch (error) {
      // An account that may write dashboards need not be allowed to read data sources.
      if (isForbidden(error)) return unseen;
      throw error;
    }
    return ensureOwn(url, existing);
  };
}

const isForbidden = (error: unknown): boolean =>
  error instanceof UpstreamError && error.code === 'forbidden';
