/** A data source of Grafana. */
export interface Datasource {
  uid: string;
  type: string;
  isDefault: boolean;
}

/** The data source that the dashboards query, or what a person has to do about it. */
export type DatasourceChoice =
  | {
      ok: true;
      uid: string;
      /** What Grafana takes for the scrape interval. */
      intervalSeconds: number;
    }
  | { ok: false; problem: string };

const datasourceType = 'prometheus';

/** Grafana's own types that cannot be asked in PromQL; others may be plugins that can. */
const otherTypes = new Set(
  'loki tempo jaeger zipkin elasticsearch influxdb graphite opentsdb mysql mssql postgres grafana-postgresql-datasource cloudwatch stackdriver grafana-azure-monitor-datasource alertmanager parca grafana-pyroscope-datasource grafana-testdata-datasource testdata'.split(
    ' ',
  ),
);

/** What a person has to do about the configured data source; null where it can be asked in PromQL. */
export function typeProblem({ uid, type }: Pick<Datasource, 'uid' | 'type'>): string | null {
  if (!otherTypes.has(type)) return null;
  return `The data source ${uid} is of type ${type}, which cannot be asked in PromQL: set GRAFANA_DATASOURCE_UID to one that can`;
}

/**
 * The data source to use where Grafana lacks the `configured` one: the only one of type prometheus, or
 * the default one of several. Null where there is none: the configured one is expected to be created later.
 */
export function chooseDatasource<T extends Datasource>(
  existing: readonly T[],
  configured: string,
): { ok: true; source: T } | { ok: false; problem: string } | null {
  const candidates = existing.filter(({ type }) => type === datasourceType);
  const [first] = candidates;
  if (first === undefined) return null;
  const source = candidates.length === 1 ? first : candidates.find(({ isDefault }) => isDefault);
  if (source !== undefined) return { ok: true, source };
  const uids = candidates.map(({ uid }) => uid).sort();
  return {
    ok: false,
    problem: `Grafana lacks the data source ${configured} and has several of type ${datasourceType}, none of them the default: set GRAFANA_DATASOURCE_UID to one of ${uids.join(', ')}`,
  };
}
