export { createPrometheusClient, type PrometheusOptions } from './client.js';
export type {
  InstantResult,
  LabelValuesOptions,
  LabelValuesResult,
  Labels,
  PrometheusClient,
  QueryOptions,
  QueryRangeOptions,
  RangeResult,
  SeriesOptions,
} from './types.js';
export { createRawStore, type RawResponse, type RawStore, type RawStoreOptions } from './raw.js';
