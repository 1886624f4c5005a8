import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../json.js';
import { lint } from './lint.js';
import { loadTemplates } from '../load.js';

const panel = (more: JsonObject = {}): JsonObject => ({
  id: 1,
  type: 'timeseries',
  title: 'CPU',
  description: 'Busy cores.',
  datasource: { type: 'prometheus', uid: '$datasource' },
  fieldConfig: { defaults: { unit: 'percentunit' } },
  targets: [{ expr: 'up{cluster="$cluster"}' }],
  ...more,
});
const template = (more: JsonObject = {}, panels: Json = [panel()]): Json => ({
  title: 'Mine',
  refresh: '30s',
  templating: { list: [{ name: 'cluster', query: 'label_values(up, cluster)' }] },
  panels,
  ...more,
});

describe('lint', () => {
  it('finds nothing wrong with a good template', () => {
    expect(lint(template())).toEqual({ valid: true, panels: 1, queries: 1, problems: [] });
  });

  it('counts the panels and queries inside rows', () => {
    const row = { id: 9, type: 'row', panels: [panel({ id: 2 }), panel({ id: 3 })] };
    expect(lint(template({}, [panel(), row]))).toMatchObject({
      valid: true,
      panels: 4,
      queries: 3,
    });
  });

  it.each<[string, Json, string, string]>([
    ['what is no object', 'hello', '', 'JSON object'],
    ['no title', template({ title: ' ' }), 'title', 'text'],
    ['no panels', template({}, []), 'panels', 'list'],
    ['panels that are no list', template({}, {}), 'panels', 'list'],
    ['a panel that is none', template({}, [1]), 'panels[0]', 'JSON object'],
    [
      'a resource of the new format',
      { apiVersion: 'dashboard.grafana.app/v2', spec: {} },
      '',
      'classic',
    ],
    ['the new format', template({ elements: {} }), '', 'classic'],
    ['an export for sharing', template({ __inputs: [] }), '', 'export'],
    ['two panels of one id', template({}, [panel(), panel()]), 'panels[1].id', 'another panel'],
    ['a panel without an id', template({}, [panel({ id: null })]), 'panels[0].id', 'number'],
    [
      'a library panel',
      template({}, [panel({ libraryPanel: { uid: 'x' } })]),
      'panels[0]',
      'library',
    ],
    ['a repeated panel', template({}, [panel({ repeat: 'node' })]), 'panels[0].repeat', 'repeats'],
    [
      'a panel without queries',
      template({}, [panel({ targets: [] })]),
      'panels[0].targets',
      'list',
    ],
    [
      'a variable in a title',
      template({}, [panel({ title: 'Of $cluster' })]),
      'panels[0].title',
      '$cluster',
    ],
    [
      'a variable of the old form',
      template({}, [panel({ title: '[[job]]' })]),
      'panels[0].title',
      '[[job]]',
    ],
    [
      'a variable inside a query’s text',
      template({}, [panel({ targets: [{ expr: 'up{cluster="$cluster", job="$job"}' }] })]),
      'panels[0].targets[0].expr',
      '$job',
    ],
    [
      'a query that is not scoped',
      template({}, [panel({ targets: [{ expr: 'up' }] })]),
      'panels[0].targets[0].expr',
      'cluster="$cluster"',
    ],
  ])('refuses %s', (_, json, path, message) => {
    const report = lint(json);
    expect(report.valid).toBe(false);
    expect(report.problems).toContainEqual({
      severity: 'error',
      path,
      message: expect.stringContaining(message),
    });
  });

  it.each<[string, Json, string]>([
    ['a panel without a title', template({}, [panel({ title: '' })]), 'panels[0].title'],
    [
      'a panel without a description',
      template({}, [panel({ description: '' })]),
      'panels[0].description',
    ],
    ['a panel without a unit', template({}, [panel({ fieldConfig: {} })]), 'panels[0].fieldConfig'],
    [
      'an unknown unit',
      template({}, [panel({ fieldConfig: { defaults: { unit: 'parsecs' } } })]),
      'panels[0].fieldConfig',
    ],
    ['a refresh below 30 s', template({ refresh: '10s' }), 'refresh'],
    ['a refresh that is no duration', template({ refresh: 'often' }), 'refresh'],
  ])('warns of %s', (_, json, path) => {
    const report = lint(json);
    expect(report.valid).toBe(true);
    expect(report.problems).toEqual([expect.objectContaining({ severity: 'warning', path })]);
  });

  it.each(['1m', '', false])('takes the refresh %j', (refresh) => {
    expect(lint(template({ refresh })).problems).toEqual([]);
  });

  it('takes the units of a table from its overrides', () => {
    const fieldConfig = { overrides: [{ properties: [{ id: 'unit', value: 'bytes' }] }] };
    expect(lint(template({}, [panel({ fieldConfig })])).problems).toEqual([]);
  });

  it('asks nothing of a panel that shows no data', () => {
    expect(lint(template({}, [panel(), { id: 2, type: 'text' }])).problems).toEqual([]);
  });
});

describe('what would be blank on a public page', () => {
  const variable = (query: string) => ({
    templating: {
      list: [
        { name: 'cluster', query: 'label_values(up, cluster)' },
        {
          name: 'namespace',
          type: 'query',
          datasource: { type: 'prometheus', uid: '$datasource' },
          query: { query, refId: 'a' },
        },
      ],
    },
  });
  const chosen = panel({ targets: [{ expr: 'up{cluster="$cluster", namespace=~"$namespace"}' }] });
  const scoped = variable('label_values(kube_pod_info{cluster="$cluster"}, namespace)');

  it.each([
    [true, { valid: false, severity: 'error' }],
    [null, { valid: true, severity: 'warning' }],
  ])('is told of variables, where it is shared: %s', (shared, { valid, severity }) => {
    const report = lint(template(scoped, [chosen]), { shared });
    expect(report).toMatchObject({
      valid,
      problems: [{ severity, path: 'panels[0].targets[0].expr' }],
    });
    expect(report.problems[0]?.message).toMatch(/\$namespace, which a public page has not/);
  });

  it('is nothing where it is not shared', () => {
    expect(lint(template(scoped, [chosen]), { shared: false }).problems).toEqual([]);
  });

  it('variables list nothing of other clusters', () => {
    const report = lint(template(variable('label_values(kube_pod_info, namespace)'), [chosen]), {
      shared: false,
    });
    expect(report).toMatchObject({
      valid: false,
      problems: [
        { path: 'templating.namespace.expr', message: expect.stringContaining('cluster') },
      ],
    });
  });

  it.each([
    ['format: table', { targets: [{ expr: 'up{cluster="$cluster"}', format: 'table' }] }],
    [
      'Value #A',
      { transformations: [{ id: 'organize', options: { renameByName: { 'Value #A': 'Up' } } }] },
    ],
  ])('is told of %s', (what, more) => {
    const { valid, problems } = lint(template({}, [panel(more)]));
    expect(valid).toBe(true);
    expect(problems).toMatchObject([
      { severity: 'warning', message: expect.stringContaining(what) },
    ]);
  });
});

describe('loadTemplates', () => {
  const text = JSON.stringify(template());

  it('puts the main one first, then ours, then the others', () => {
    const files = ['zebra', 'nodes', 'ant', 'gpu', 'cluster'].map((name) => ({ name, text }));
    expect(loadTemplates(files).map(({ name }) => name)).toEqual([
      'cluster',
      'gpu',
      'nodes',
      'ant',
      'zebra',
    ]);
  });

  it('unwraps what Grafana’s API gave', () => {
    const wrapped = JSON.stringify({ dashboard: template(), meta: {} });
    expect(loadTemplates([{ name: 'cluster', text: wrapped }])).toMatchObject([
      { title: 'Mine', report: { valid: true } },
    ]);
  });

  it('refuses what is no JSON', () => {
    expect(loadTemplates([{ name: 'cluster', text: '{' }])).toMatchObject([
      { name: 'cluster', report: { valid: false } },
    ]);
  });
});
