// npm run readme: writes what is made from the code into README.md (settings), docs/metrics.md (the
// catalogue), docs/events.md (schemas) and docs/asyncapi.json, and of the chart the schema (settings) and the gateway's template. With --check it writes nothing and says whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { eventSchemas } from '@bud-monitoring/contracts';
import { describeConfig } from '@bud-monitoring/service-kit';
import * as prettier from 'prettier';
import { z } from 'zod';
import { dashboardEnv } from '../../services/dashboard/dist/config.js';
import { metricsEnv } from '../../services/metrics/dist/config.js';
import { asyncApi } from './asyncapi.mjs';
import { chartSchema } from './chart-settings.mjs';
import { catalogueTables } from './catalogue.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As it stands in the table; a folder of this checkout is named from its root. */
function defaultOf({ default: value, required }) {
  if (required) return '**required**';
  if (value === null || value === '') return '';
  return `\`${value.startsWith(root) ? relative(root, value) : value}\``;
}

function table(rows) {
  const cell = (text) => text.replaceAll('|', '\\|');
  return [
    '| variable | type | default | |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => {
      const type = row.secret ? `${row.type}, secret` : row.type;
      return `| \`${row.name}\` | ${cell(type)} | ${cell(defaultOf(row))} | ${cell(row.description)} |`;
    }),
  ].join('\n');
}

function settings() {
  const metrics = describeConfig(metricsEnv);
  const dashboard = describeConfig(dashboardEnv);
  const isIn = (rows) => (row) => rows.some((other) => isDeepStrictEqual(other, row));
  const shared = metrics.filter(isIn(dashboard));
  const own = (rows) => rows.filter((row) => !isIn(shared)(row));
  return [
    ['Both services', shared],
    ['bud-metrics', own(metrics)],
    ['bud-dashboard', own(dashboard)],
  ]
    .map(([title, rows]) => `**${title}**\n\n${table(rows)}`)
    .join('\n\n');
}

/** The JSON Schemas of events as published; topics of one schema stand together. */
function schemas() {
  const entries = Object.entries(eventSchemas);
  return [...new Set(Object.values(eventSchemas))]
    .map((schema) => {
      const own = entries.filter(([, other]) => other === schema);
      const topics = own.map(([topic]) => `\`${topic}\``).join(', ');
      const json = z.toJSONSchema(schema, { io: 'input' });
      delete json.$schema;
      return `${topics}:\n\n\`\`\`json\n${JSON.stringify(json, null, 2)}\n\`\`\``;
    })
    .join('\n\n');
}

/** Puts the text between the markers of a document. */
async function fill(name, marker, made) {
  const file = join(root, name);
  const [begin, end] = [`<!-- ${marker}: npm run readme -->`, `<!-- /${marker} -->`];
  const now = readFileSync(file, 'utf8');
  const [before, after] = [now.indexOf(begin), now.indexOf(end)];
  if (before === -1 || after === -1) throw new Error(`${name} lacks ${begin} or ${end}`);
  await keep(name, `${now.slice(0, before)}${begin}\n\n${made}\n\n${now.slice(after)}`);
}

/** Formats the text and writes the file, or with --check says that it would. */
async function keep(name, text) {
  const file = join(root, name);
  const config = await prettier.resolveConfig(file);
  keepAsIs(name, await prettier.format(text, { ...config, filepath: file }));
}

function keepAsIs(name, next) {
  const file = join(root, name);
  if (existsSync(file) && next === readFileSync(file, 'utf8')) return;
  if (process.argv.includes('--check')) {
    console.error(`what is made from the code in ${name} is out of date: npm run readme`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, next);
  }
}

await fill('README.md', 'settings', settings());
await fill('docs/metrics.md', 'catalogue', catalogueTables());
await fill('docs/events.md', 'schemas', schemas());

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
await keep('docs/asyncapi.json', JSON.stringify(asyncApi(version)));

const chart = 'deploy/helm/bud-monitoring';
const read = (name) => readFileSync(join(root, chart, name), 'utf8');
await keep(
  `${chart}/values.schema.json`,
  chartSchema(read('values.schema.json'), read('templates/_environment.tpl')),
);
keepAsIs(
  `${chart}/files/nginx.conf.template`,
  readFileSync(join(root, 'stack/gateway/nginx.conf.template'), 'utf8'),
);
