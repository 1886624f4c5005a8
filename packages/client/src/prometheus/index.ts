export { createPrometheusClient, type PrometheusOptions } from './client.js';
export type {
  InstantResult,
  LabelValuesOptions,
  Labels,
  PrometheusClient,
  QueryOptions,
  QueryRangeOptions,
  RangeResult,
  SeriesOptions,
} from './types.js';
