import type { TemplateSource } from '../builder/dashboard.js';
import { gpuUse, gpuWatts } from '../builder/gpus.js';
import {
  answered,
  atGateways,
  betweenTokens,
  cacheUse,
  failed,
  firstToken,
  running,
  tokensIn,
  tokensOut,
  waiting,
} from '../builder/inference.js';
import type { PanelOptions, Target } from '../builder/options.js';
import { panel, row } from '../builder/panel.js';

const tokens = 'suffix: tokens/s';
const requests = 'suffix: req/s';

const graph = (title: string, queries: string | readonly Target[], options: PanelOptions) =>
  panel(title, queries, 'timeseries', { by: 'model', width: 12, ...options });

const quantiles = (of: (share: number) => string): Target[] =>
  [0.5, 0.95, 0.99].map((share) => ({
    expr: of(share),
    legend: `{{model}} p${Math.round(100 * share)}`,
  }));

const stat = (title: string, expr: string, options: PanelOptions) =>
  panel(title, expr, 'stat', options);

/** Of the whole cluster, whatever the models. */
const total = (expr: string): string => `sum(${expr})`;

/** What the servers of models do, by model and replica, and what it takes. */
export const inference: TemplateSource = {
  name: 'inference',
  title: 'Kubernetes / Inference',
  uid: 'bud-template-inference',
  description:
    'The models that one cluster serves: requests, tokens, latencies, caches and errors, beside its GPUs.',
  panels: [
    row('$cluster'),
    stat('Requests running', total(running('model')), {
      unit: 'short',
      description: 'Requests that are worked on.',
    }),
    stat('Requests waiting', total(waiting('model')), {
      unit: 'short',
      description: 'Requests that wait for room in a batch.',
    }),
    stat('Tokens in', total(tokensIn('model')), {
      unit: tokens,
      decimals: 0,
      description: 'Tokens of prompts per second.',
    }),
    stat('Tokens out', total(tokensOut('model')), {
      unit: tokens,
      decimals: 0,
      description: 'Tokens of answers per second.',
    }),
    stat('Slowest first token', `max(${firstToken(0.95)})`, {
      unit: 's',
      description:
        'Of the models the longest time within which 95 % of the requests have their first token.',
    }),
    stat('Fullest cache', `max(${cacheUse('replica')})`, {
      unit: 'percentunit',
      description: 'Share of the KV cache in use, of the replica with most.',
    }),
    row('Models'),
    graph('Requests running by model', running('model'), {
      unit: 'short',
      stacked: true,
      description:
        'Requests that are worked on, by model. Servers that name none have no name here.',
    }),
    graph('Requests waiting by model', waiting('model'), {
      unit: 'short',
      description: 'Requests that wait: where they do for long, replicas are missing.',
    }),
    graph('Tokens in by model', tokensIn('model'), {
      unit: tokens,
      stacked: true,
      description: 'Tokens of prompts per second. Triton counts none.',
    }),
    graph('Tokens out by model', tokensOut('model'), {
      unit: tokens,
      stacked: true,
      description: 'Tokens of answers per second. Triton counts none.',
    }),
    graph('Time to first token', quantiles(firstToken), {
      unit: 's',
      description:
        'Half, 95 % and 99 % of the requests have their first token within it. At the largest bucket of a server it may be more. TGI and llama.cpp do not tell.',
    }),
    graph('Time between tokens', quantiles(betweenTokens), {
      unit: 's',
      description:
        'Half, 95 % and 99 % of the tokens follow within it (TGI: of the means of requests). llama.cpp does not tell.',
    }),
    graph('Requests answered', answered('model'), {
      unit: requests,
      stacked: true,
      description: 'Requests that ended well, per second. llama.cpp does not tell.',
    }),
    graph('Requests in error', failed('model'), {
      unit: requests,
      description: 'Requests that ended in an error, per second: of vLLM, TGI and Triton.',
    }),
    row('Replicas'),
    panel(
      'Replicas',
      [
        { name: 'Running', expr: running('model, replica'), unit: 'short', decimals: 0 },
        { name: 'Waiting', expr: waiting('model, replica'), unit: 'short', decimals: 0 },
        { name: 'Cache', expr: cacheUse('model, replica'), unit: 'percentunit' },
        { name: 'Tokens in', expr: tokensIn('model, replica'), unit: tokens, decimals: 0 },
        { name: 'Tokens out', expr: tokensOut('model, replica'), unit: tokens, decimals: 0 },
      ],
      'table',
      {
        by: 'model, replica',
        sortBy: 'Waiting',
        height: 9,
        description: 'What each replica does, by its pod or address.',
      },
    ),
    graph('Cache by replica', cacheUse('model, replica'), {
      by: 'model, replica',
      unit: 'percentunit',
      description: 'Share of the KV cache in use: near 100 % requests wait or are put back.',
    }),
    graph('Tokens out by replica', tokensOut('model, replica'), {
      by: 'model, replica',
      unit: tokens,
      description: 'Tokens of answers per second, by replica.',
    }),
    row('GPUs'),
    graph('GPUs in use', gpuUse, {
      by: 'node, gpu',
      unit: 'percent',
      steps: [],
      width: 8,
      description: 'Percent of the time in which each GPU was busy. Needs an exporter of GPUs.',
    }),
    graph('Power of GPUs', gpuWatts, {
      by: 'node, gpu',
      unit: 'watt',
      stacked: true,
      width: 8,
      description: 'Watts drawn by each GPU, those that serve nothing too.',
    }),
    graph('Tokens per joule', `${total(tokensOut('model'))} / ${total(gpuWatts)}`, {
      by: 'model',
      unit: 'short',
      width: 8,
      description: 'Tokens of answers for each joule that the GPUs of the cluster take.',
    }),
    row('Gateways'),
    graph('Requests at gateways', atGateways('total'), {
      unit: requests,
      description: 'Requests per second at the endpoint picker of an inference gateway, by model.',
    }),
    graph('Errors at gateways', atGateways('error_total'), {
      unit: requests,
      description: 'Of these in error. Empty until the first.',
    }),
  ],
};
