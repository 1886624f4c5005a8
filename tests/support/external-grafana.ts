import { envAddress } from '@bud-monitoring/service-kit';

/** The Grafana that GRAFANA_URL names, with its scheme before it or in GRAFANA_SCHEME. */
export function externalGrafana(
  env: Readonly<Record<string, string | undefined>>,
): { scheme: 'http' | 'https'; url: string } | null {
  const { GRAFANA_URL: given, GRAFANA_SCHEME: usual } = env;
  if (given === undefined || given === '') return null;
  const { scheme = usual === 'https' ? 'https' : 'http', address } = envAddress().parse(given);
  return { scheme, url: address };
}
