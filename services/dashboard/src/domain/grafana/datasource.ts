/** A data source of Grafana. */
export interface Datasource {
  uid: string;
  type: string;
  isDefault: boolean;
}

/** The uid of the data source that the dashboards ask, or what somebody has to do about it. */
export type Chosen = { ok: true; uid: string } | { ok: false; problem: string };

const wantedType = 'prometheus';

/**
 * The data source to take where Grafana lacks the `configured` one: the only one of type prometheus, or
 * the default one of several. Where there is none the configured one is waited for.
 */
export function chooseDatasource(found: readonly Datasource[], configured: string): Chosen {
  const fit = found.filter(({ type }) => type === wantedType);
  const [first] = fit;
  if (first === undefined) return { ok: true, uid: configured };
  const chosen = fit.length === 1 ? first : fit.find(({ isDefault }) => isDefault);
  if (chosen !== undefined) return { ok: true, uid: chosen.uid };
  const uids = fit.map(({ uid }) => uid).sort();
  return {
    ok: false,
    problem: `Grafana lacks the data source ${configured} and has several of type ${wantedType}, none of them the default: set GRAFANA_DATASOURCE_UID to one of ${uids.join(', ')}`,
  };
}
