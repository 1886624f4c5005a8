import { readFileSync } from 'node:fs';
import { dashboardApi, metricsApi } from '@bud-monitoring/contracts';
import { describeConfig } from '@bud-monitoring/service-kit';
import { describe, expect, it } from '@jest/globals';
import { dashboardEnv } from '../../services/dashboard/src/config.js';
import { metricsEnv } from '../../services/metrics/src/config.js';

/** The rows of a table of docs/upgrade.md, without its head: what the original had, what is here. */
function rowsOf(heading: string): [original: string, here: string][] {
  const text = readFileSync('docs/upgrade.md', 'utf8');
  const [, section = ''] = text.split(`## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => {
      const [, original = '', here = ''] = line.split(/ \| |^\| | \|$/);
      return [original, here];
    });
}

describe('the page of the upgrade', () => {
  it('calls only routes the same that are', () => {
    const routes = Object.values({ ...metricsApi, ...dashboardApi }).map(
      ({ method, path }) => `${method.toUpperCase()} ${path}`,
    );
    const same = rowsOf('Routes').flatMap(([original, here]) =>
      here.startsWith('the same') ? [original.replace(/`|\?.*/g, '').trim()] : [],
    );
    expect(same).toHaveLength(4);
    const named = same.map((route) => route.replace('{id}', '{cluster_id}'));
    expect(named.filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('names only settings that the services have', () => {
    const known = [...describeConfig(metricsEnv), ...describeConfig(dashboardEnv)].map(
      ({ name }) => name,
    );
    const named = rowsOf('Settings').flatMap(([original, here]) =>
      [here, here.startsWith('the same') ? original : ''].flatMap(
        (cell) => cell.match(/\b[A-Z]+(_[A-Z]+)+\b/g) ?? [],
      ),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
