/** A data source of Grafana. */
export interface Datasource {
  uid: string;
  type: string;
  isDefault: boolean;
}

/** The uid of the data source that the dashboards query, or what a person has to do about it. */
export type DatasourceChoice = { ok: true; uid: string } | { ok: false; problem: string };

const datasourceType = 'prometheus';

/**
 * The data source to use where Grafana lacks the `configured` one: the only one of type prometheus, or
 * the default one of several. Where there is none, the configured one is expected to be created later.
 */
export function chooseDatasource(
  existing: readonly Datasource[],
  configured: string,
): DatasourceChoice {
  const candidates = existing.filter(({ type }) => type === datasourceType);
  const [first] = candidates;
  if (first === undefined) return { ok: true, uid: configured };
  const chosen = candidates.length === 1 ? first : candidates.find(({ isDefault }) => isDefault);
  if (chosen !== undefined) return { ok: true, uid: chosen.uid };
  const uids = candidates.map(({ uid }) => uid).sort();
  return {
    ok: false,
    problem: `Grafana lacks the data source ${configured} and has several of type ${datasourceType}, none of them the default: set GRAFANA_DATASOURCE_UID to one of ${uids.join(', ')}`,
  };
}
