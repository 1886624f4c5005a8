import { uncountedNetworkDevices } from '@bud-monitoring/contracts';
import { maximumRules } from '../domain/alerts/rules/recorded-maxima.js';
import { fleetRules } from '../domain/fleet/recording-rules.js';

/** The group of the rules as YAML; expressions hold no line breaks. */
function groupsYaml(indent: string): string {
  const settings = { networkDeviceExclude: uncountedNetworkDevices };
  const rules = [...fleetRules(settings), ...maximumRules(settings)];
  return [
    'groups:',
    '  - name: bud-fleet',
    '    interval: 1m',
    '    rules:',
    ...rules.flatMap(({ record, expr }) => [
      `      - record: ${record}`,
      '        expr: >-',
      `          ${expr}`,
    ]),
  ]
    .map((line) => `${indent}${line}\n`)
    .join('');
}

const made = '# Made by `npm run templates` from the expressions of bud-metrics.\n';

const object = `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: bud-monitoring-fleet
  labels:
    app.kubernetes.io/name: bud-monitoring
    role: recording-rules
spec:
`;

/**
 * The recording rules of the fleet by file name: as Prometheus, Thanos, Mimir and vmalert load them, and as an
 * object of prometheus-operator.
 */
export function ruleFiles(): Map<string, string> {
  return new Map([
    ['fleet.yaml', `${made}${groupsYaml('')}`],
    ['fleet-prometheusrule.yaml', `${made}${object}${groupsYaml('  ')}`],
  ]);
}
