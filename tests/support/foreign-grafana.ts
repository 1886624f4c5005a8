/** The Grafana that GRAFANA_URL names, with its scheme before it or in GRAFANA_SCHEME. */
export function foreignGrafana(
  env: Readonly<Record<string, string | undefined>>,
): { scheme: 'http' | 'https'; url: string } | null {
  const { GRAFANA_URL: given, GRAFANA_SCHEME: usual = 'http' } = env;
  if (given === undefined || given === '') return null;
  const [, scheme = usual, url = ''] = /^(?:(https?):\/\/)?(.*?)\/*$/.exec(given) ?? [];
  return { scheme: scheme === 'https' ? 'https' : 'http', url };
}
