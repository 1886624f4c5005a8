import { z } from 'zod';
import type { Resource } from '../../domain/prometheus-api/index.js';

/** A resource as it is served and documented. */
export interface ResourceDefinition {
  readonly resource: Resource;
  /** Below `/api/v1`. */
  readonly path: string;
  /** Whether it also takes a POST with its parameters as a form. */
  readonly takesForm: boolean;
  readonly summary: string;
  /** Statuses of its own. */
  readonly statuses?: readonly number[];
  /** Parameters for the document; they are read by Prometheus' rules. */
  readonly parameters: z.ZodObject;
}

const text = z.string();
const time = text.describe('Unix seconds or an RFC 3339 time');
const whole = z.string().regex(/^\d*$/);
const count = z.string().regex(/^(?:[+-]?\d+)?$/);
const optional = {
  limit: whole.optional().describe('Most series or values of the answer'),
  timeout: text.optional().describe('Seconds or a duration; at most the limit of the service'),
};
const matches = z.array(text.min(1)).min(1).describe('Series selectors');
const query = text.min(1).describe('PromQL');
const range = { start: time.optional(), end: time.optional() };
const evaluation = {
  ...optional,
  lookback_delta: text.optional().describe('Seconds or a duration'),
  stats: text.optional().describe('`all` adds statistics of the query'),
};
const lookup = { ...range, ...optional };
const names = (of: string) => z.array(text).optional().describe(`Only ${of} of these names`);

/** What is read below `/api/v1`, with the parameters that Prometheus defines. */
export const resources: readonly ResourceDefinition[] = [
  {
    resource: 'query',
    path: '/query',
    takesForm: true,
    summary: 'Evaluate a query at one time',
    parameters: z.object({ query, time: time.optional(), ...evaluation }),
  },
  {
    resource: 'query_range',
    path: '/query_range',
    takesForm: true,
    summary: 'Evaluate a query over a range',
    parameters: z.object({
      query,
      start: time,
      end: time,
      step: text.describe('Seconds or a duration'),
      ...evaluation,
    }),
  },
  {
    resource: 'query_exemplars',
    path: '/query_exemplars',
    takesForm: true,
    summary: 'Exemplars of a query',
    statuses: [200, 204], // no content where the query selects nothing
    parameters: z.object({ query, ...lookup }),
  },
  {
    resource: 'series',
    path: '/series',
    takesForm: true,
    summary: 'Series that match selectors',
    parameters: z.object({ 'match[]': matches, ...lookup }),
  },
  {
    resource: 'labels',
    path: '/labels',
    takesForm: true,
    summary: 'Names of labels',
    parameters: z.object({ 'match[]': matches.optional(), ...lookup }),
  },
  {
    resource: 'values',
    path: '/label/{name}/values',
    takesForm: false,
    summary: 'Values of a label',
    parameters: z.object({ 'match[]': matches.optional(), ...lookup }),
  },
  {
    resource: 'format_query',
    path: '/format_query',
    takesForm: true,
    summary: 'Print a query readably',
    parameters: z.object({ query }),
  },
  {
    resource: 'parse_query',
    path: '/parse_query',
    takesForm: true,
    summary: 'A query as a tree, where the store can tell it',
    parameters: z.object({ query }),
  },
  {
    resource: 'metadata',
    path: '/metadata',
    takesForm: false,
    summary: 'What the metrics are, as far as there is a series of them',
    parameters: z.object({
      metric: text.optional().describe('Only this metric'),
      limit: count.optional().describe('Most metrics of the answer; negative: no limit'),
      limit_per_metric: count
        .optional()
        .describe('Most entries of a metric; 0 or negative: no limit'),
    }),
  },
  {
    resource: 'rules',
    path: '/rules',
    takesForm: false,
    summary: 'Rules whose labels, or those of their alerts, carry the cluster',
    parameters: z.object({
      type: z
        .enum(['alert', 'record', ''])
        .optional()
        .describe('Only rules of this type; all where it is empty'),
      'match[]': matches.optional(),
      'rule_name[]': names('rules'),
      'rule_group[]': names('groups'),
      'file[]': names('files'),
      exclude_alerts: text.optional().describe('`true` or `false`'),
      group_limit: text.optional().describe('Most groups of the answer'),
      group_next_token: text.optional().describe('`groupNextToken` of the page before'),
    }),
  },
  {
    resource: 'alerts',
    path: '/alerts',
    takesForm: false,
    summary: 'Alerts of the store whose labels carry the cluster',
    parameters: z.object({}),
  },
  {
    resource: 'buildinfo',
    path: '/status/buildinfo',
    takesForm: false,
    summary: 'Version of the store',
    parameters: z.object({}),
  },
];

/** What the store answers where all went well. */
export const answerSchema = z
  .object({
    status: z.literal('success').describe('An error is `error`, with errorType and error'),
    data: z.unknown().describe("As Prometheus' documentation tells of the resource"),
    warnings: z.array(text).optional().describe('What the store warns of'),
    infos: z.array(text).optional().describe('What the store remarks'),
  })
  .loose()
  .meta({ id: 'PrometheusAnswer' });
