import { clusterIdSchema, useClusterIdFormat } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Json } from './json.js';
import { render, revisionOf, titleOf, uidOf } from './render.js';
import { sampleValues } from './scope.js';
import { makeTemplate } from './template.js';

const clusterId = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const input = {
  clusterId,
  labels: [clusterId],
  name: 'east',
  datasourceUid: 'prom-1',
  rateWindow: null,
};

const json = (target: Record<string, Json> = {}, more: Record<string, Json> = {}): Json => ({
  id: 8,
  uid: 'bud-template-cluster',
  version: 3,
  title: 'Kubernetes / Cluster',
  tags: ['kubernetes'],
  links: [{ title: 'Kubernetes', type: 'dashboards' }],
  templating: { list: [{ name: 'cluster' }, { name: 'datasource' }] },
  panels: [
    {
      id: 1,
      type: 'timeseries',
      title: 'CPU',
      datasource: { type: 'prometheus', uid: '${datasource}' },
      targets: [
        {
          datasource: { type: 'prometheus', uid: '$datasource' },
          expr: 'sum(up{cluster="$cluster"}) / sum(up{cluster="${cluster}"})',
          legendFormat: '{{instance}} of $cluster',
          ...target,
        },
      ],
    },
  ],
  ...more,
});
const rendered = (target?: Record<string, Json>, more?: Record<string, Json>) =>
  render(makeTemplate('cluster', json(target, more)), input);

describe('render', () => {
  it('fills in queries and data sources, and drops variables, links and what Grafana gives out', () => {
    const result = rendered();
    expect(result).toEqual({
      ok: true,
      dashboard: {
        uid: clusterId,
        title: 'east (3f2b8f0e)',
        tags: ['kubernetes', 'bud-monitoring', `cluster:${clusterId}`],
        links: [],
        templating: { list: [] },
        panels: [
          {
            id: 1,
            type: 'timeseries',
            title: 'CPU',
            datasource: { type: 'prometheus', uid: 'prom-1' },
            targets: [
              {
                datasource: { type: 'prometheus', uid: 'prom-1' },
                expr: `sum(up{cluster="${clusterId}"}) / sum(up{cluster="${clusterId}"})`,
                legendFormat: `{{instance}} of ${clusterId}`,
              },
            ],
          },
        ],
      },
    });
  });

  it.each([
    ['4m', '[4m]', '[4m]'],
    [null, '[$__rate_interval]', '[${__rate_interval}]'],
  ])('takes rates over %s', (rateWindow, bare, braced) => {
    const expr = 'rate(a{cluster="$cluster"}[$__rate_interval])';
    const other = 'rate(b{cluster="$cluster"}[${__rate_interval}])';
    const template = makeTemplate('cluster', json({ expr: `${expr} + ${other}` }));
    const result = render(template, { ...input, rateWindow });
    expect(result.ok && JSON.stringify(result.dashboard)).toContain(`${bare}) + rate(b`);
    expect(result.ok && JSON.stringify(result.dashboard)).toContain(`${braced})"`);
  });

  it('names the cluster in its rows, and keeps variables and links where nobody is without a login', () => {
    const own = { name: 'namespace', query: 'x{cluster="$cluster"}', datasource: '$datasource' };
    const more = {
      templating: { list: [{ name: 'cluster' }, own] },
      panels: [{ id: 1, type: 'row', title: 'Of $cluster', panels: [] }],
    };
    const name = 'a $cluster $& b';
    const shown = (template: string) => {
      const result = render(makeTemplate(template, json({}, more)), { ...input, name });
      return result.ok ? result.dashboard : null;
    };
    const title = `Of ${name} (3f2b8f0e)`;
    expect(shown('cluster')).toMatchObject({
      panels: [{ title }],
      templating: { list: [] },
      links: [],
    });
    expect(shown('nodes')).toMatchObject({
      panels: [{ title }],
      templating: {
        list: [{ ...own, query: `x{cluster="${clusterId}"}`, datasource: 'prom-1' }],
      },
      links: [{ type: 'dashboards', tags: [`cluster:${clusterId}`] }],
    });
  });

  it('leaves the template as it was', () => {
    const template = makeTemplate('cluster', json());
    const before = structuredClone(template.dashboard);
    render(template, input);
    expect(template.dashboard).toEqual(before);
  });

  it('leaves titles and texts alone', () => {
    const result = rendered({}, { description: 'All of $cluster' });
    expect(result).toMatchObject({ ok: true, dashboard: { description: 'All of $cluster' } });
  });

  it.each([
    ['Grafana’s time spans', 'rate(up{cluster="$cluster"}[$__rate_interval])'],
    ['a query without a selector', 'time() - ${__range_s}'],
    ['matchers in any order and spacing', 'up{ job = "a" , cluster = "$cluster" }'],
  ])('publishes %s', (_, expr) => {
    expect(rendered({ expr })).toMatchObject({ ok: true });
  });

  it.each([
    ['no matcher', 'up'],
    ['one selector of two without', 'up{cluster="$cluster"} / node_load1'],
    ['another cluster', 'up{cluster="7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c"}'],
    ['a pattern', 'up{cluster=~"$cluster"}'],
    ['a negated matcher', 'up{cluster!="$cluster"}'],
    ['an alternative', 'up{cluster="$cluster" or job="a"}'],
    ['a variable that only begins alike', 'up{cluster="$clusters"}'],
    ['another such variable', 'up{cluster="$cluster_name"}'],
    ['a variable with a format', 'up{cluster="${cluster:regex}"}'],
    ['the id outside of a text', 'up{cluster="$cluster"} + $cluster'],
    ['the id as a label', 'up{cluster="$cluster"} * on (x$cluster) up{cluster="$cluster"}'],
    ['a matcher in a comment', 'up # {cluster="$cluster"}'],
    ['a matcher in a label text', 'up{job="{cluster=\\"$cluster\\"}"}'],
    ['no PromQL', 'sum(up{cluster="$cluster"}'],
    ['nothing', '  '],
  ])('refuses a query with %s', (_, expr) => {
    expect(rendered({ expr })).toMatchObject({
      ok: false,
      problems: [{ severity: 'error', path: 'panels[0].targets[0].expr' }],
    });
  });

  it.each([
    [
      'a target of another kind',
      { expr: null, rawSql: 'select 1' },
      {},
      'panels[0].targets[0].expr',
    ],
    [
      'a data source of its own',
      { datasource: { type: 'prometheus', uid: 'other' } },
      {},
      'panels[0].targets[0].datasource',
    ],
    [
      'an annotation that is not scoped',
      {},
      { annotations: { list: [{ datasource: { uid: '$datasource' }, expr: 'ALERTS' }] } },
      'annotations.list[0].expr',
    ],
    [
      'a query in a place of its own',
      {},
      { hidden: { deep: [{ expr: 'up' }] } },
      'hidden.deep[0].datasource',
    ],
  ])('refuses %s', (_, target, more, path) => {
    expect(rendered(target, more)).toMatchObject({ ok: false, problems: [{ path }] });
  });

  it('publishes a template that names a cluster for none, not even for that one', () => {
    const other = '7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
    for (const named of [other, sampleValues.cluster]) {
      const template = makeTemplate('cluster', json({ expr: `up{cluster="${named}"}` }));
      expect(template.report.valid).toBe(false);
      for (const id of [clusterId, other, sampleValues.cluster])
        expect(render(template, { ...input, clusterId: clusterIdSchema.parse(id) }).ok).toBe(false);
    }
  });

  it('leaves nothing of one cluster or data source in the dashboards of the next', () => {
    const template = makeTemplate('cluster', json());
    const other = clusterIdSchema.parse('7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    render(template, { ...input, clusterId: other, name: 'west', datasourceUid: 'prom-2' });
    const again = render(template, input);
    expect(again).toEqual(rendered());
    expect(JSON.stringify(again)).not.toMatch(/7f2b8f0e|prom-2|ffffffff/);
  });

  it('finds queries in panels inside rows', () => {
    const panels = [
      {
        id: 2,
        type: 'row',
        panels: [{ id: 3, datasource: { uid: '$datasource' }, targets: [{ expr: 'node_load1' }] }],
      },
    ];
    expect(rendered({}, { panels })).toMatchObject({
      ok: false,
      problems: [{ path: 'panels[0].panels[0].targets[0].expr' }],
    });
  });

  it('takes the panel’s data source where a target names none', () => {
    const panels = [
      { id: 1, datasource: '$datasource', targets: [{ expr: 'up{cluster="$cluster"}' }] },
    ];
    expect(rendered({}, { panels })).toMatchObject({ ok: true });
  });

  it('lets Grafana’s own annotation pass', () => {
    const annotations = {
      list: [{ builtIn: 1, datasource: { type: 'grafana', uid: '-- Grafana --' }, name: 'Alerts' }],
    };
    expect(rendered({}, { annotations })).toMatchObject({ ok: true });
  });

  it('does not read a name as part of a pattern or of JSON', () => {
    const name = '$cluster "$&" ${datasource} \\ </script> \u202e';
    const result = render(makeTemplate('cluster', json()), { ...input, name });
    expect(result).toMatchObject({
      ok: true,
      dashboard: { title: '$cluster "$&" ${datasource} \\ </script> (3f2b8f0e)' },
    });
    const queries = result.ok ? JSON.stringify(result.dashboard['panels']) : '';
    expect(queries).toContain(clusterId);
    expect(queries).not.toContain('script');
  });
});

describe('titleOf', () => {
  const title = (name: string, label = '') => titleOf({ label }, clusterId, name);

  it.each([
    ['a plain name', 'east', 'east (3f2b8f0e)'],
    ['quotes and slashes', 'a"b\'c/d\\e', 'a"b\'c/d\\e (3f2b8f0e)'],
    ['a variable', '$cluster', '$cluster (3f2b8f0e)'],
    ['line breaks and other controls', 'a\n\tb\u0000c', 'a b c (3f2b8f0e)'],
    ['blanks around', '  a  ', 'a (3f2b8f0e)'],
    ['nothing to see', '\u200b\n', `${clusterId} (3f2b8f0e)`],
    ['other scripts', 'クラスタ ☸️', 'クラスタ ☸️ (3f2b8f0e)'],
    ['300 characters', 'x'.repeat(300), `${'x'.repeat(150)} (3f2b8f0e)`],
    ['300 characters of two units each', '😀'.repeat(300), `${'😀'.repeat(150)} (3f2b8f0e)`],
  ])('makes a title of %s', (_, name, expected) => {
    expect(title(name)).toBe(expected);
  });

  it('stays within what Grafana’s databases keep', () => {
    const [name, label] = ['x'.repeat(300), 'y'.repeat(25)];
    expect(title(name, label).length).toBeLessThanOrEqual(189);
    expect(titleOf({ label }, clusterId, name, { whole: true }).length).toBeLessThanOrEqual(189);
  });

  it('tells the dashboards of one cluster, and clusters of one name, apart', () => {
    const other = clusterIdSchema.parse('7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    const titles = [title('a'), title('a', 'Nodes'), titleOf({ label: '' }, other, 'a')];
    expect(new Set(titles).size).toBe(3);
  });
});

describe('uidOf and revisionOf', () => {
  it('gives each template a uid that Grafana takes', () => {
    const uids = ['cluster', 'nodes', 'power', 'gpu', 'my own'].map((name) =>
      uidOf(makeTemplate(name, json()), clusterId),
    );
    expect(uids.slice(0, 4)).toEqual([
      clusterId,
      `${clusterId}-n`,
      `${clusterId}-p`,
      `${clusterId}-g`,
    ]);
    for (const uid of uids) expect(uid).toMatch(/^[a-z0-9-]{36,40}$/);
  });

  it('hashes a name, which may be longer than a uid', () => {
    useClusterIdFormat('label');
    const [one, other] = [`${'x'.repeat(60)}.a`, `${'x'.repeat(60)}.b`].map((text) =>
      clusterIdSchema.parse(text),
    );
    useClusterIdFormat('uuid');
    const uids = [one!, other!].map((id) => uidOf({ suffix: '-n' }, id));
    expect(new Set(uids).size).toBe(2);
    for (const uid of uids) expect(uid).toMatch(/^[\da-f]{32}-n$/);
    const titles = [one!, other!].map((id) => titleOf({ label: '' }, id, 'east'));
    expect(titles[0]).toBe(`east (${uids[0]!.slice(0, 8)})`);
    expect(titles[0]).not.toBe(titles[1]);
  });

  it('shows all series of a cluster whose id agents write differently', () => {
    const capitals = clusterId.toUpperCase();
    const exprOf = (labels: readonly string[]) =>
      JSON.stringify(render(makeTemplate('cluster', json()), { ...input, labels }));
    const [both, only] = [exprOf([clusterId, capitals]), exprOf([capitals])];
    expect(both).toContain(`sum(up{cluster=~\\"${clusterId}|${capitals}\\"})`);
    expect(both).not.toContain(`cluster=\\"`);
    expect(only).toContain(`sum(up{cluster=\\"${capitals}\\"})`);
    for (const text of [both, only]) expect(text).toContain(`"uid":"${clusterId}"`);
  });

  it('changes the revision with all that a rendering depends on', () => {
    const template = makeTemplate('cluster', json());
    const rate = { expr: 'rate(a{cluster="$cluster"}[$__rate_interval])' };
    const revisions = [
      revisionOf(template, input),
      revisionOf(template, { ...input, name: 'west' }),
      revisionOf(template, { ...input, datasourceUid: 'prom-2' }),
      revisionOf(template, { ...input, labels: [clusterId.toUpperCase()] }),
      revisionOf(makeTemplate('cluster', json(rate)), { ...input, rateWindow: '4m' }),
      revisionOf(makeTemplate('cluster', json({ refId: 'B' })), input),
    ];
    expect(new Set(revisions).size).toBe(6);
    expect(revisionOf(template, { ...input, rateWindow: '4m' })).toBe(revisions[0]);
    expect(revisionOf(makeTemplate('cluster', json()), input)).toBe(revisions[0]);
  });
});
