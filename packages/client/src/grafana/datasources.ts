import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import {
  datasourceListSchema,
  datasourceSchema,
  queryResultsSchema,
  savedDatasourceSchema,
} from './schemas.js';
import type { Transport } from './transport.js';
import type { DatasourceSettings, GrafanaClient, InstantSample } from './types.js';

type Datasources = Pick<
  GrafanaClient,
  'findDatasource' | 'listDatasources' | 'createDatasource' | 'updateDatasource' | 'queryDatasource'
>;

const itemPath = (uid: string) => `/api/datasources/uid/${pathSegment(uid)}`;

/**
 * Data sources, single ones by uid alone: the routes by numeric id are off in newer versions. Queries
 * go by a transport of their own, as they fail for the store's reasons.
 */
export function createDatasources({ read, find }: Transport, queries: Transport): Datasources {
  const findDatasource: Datasources['findDatasource'] = async (uid, signal) =>
    find({ method: 'GET', path: itemPath(uid), signal }, datasourceSchema);

  return {
    findDatasource,
    listDatasources: (signal) =>
      read({ method: 'GET', path: '/api/datasources', signal }, datasourceListSchema),
    async createDatasource(settings, signal) {
      try {
        const json = bodyOf(settings);
        const call = { method: 'POST', path: '/api/datasources', json, signal } as const;
        return await read(call, savedDatasourceSchema);
      } catch (error) {
        // 409 is about the name or the uid; only the uid means that it is there already.
        if (!(error instanceof UpstreamError) || error.code !== 'conflict') throw error;
        const existing = await findDatasource(settings.uid, signal);
        if (existing === null) throw error;
        return existing;
      }
    },
    updateDatasource: (settings, signal) =>
      read(
        { method: 'PUT', path: itemPath(settings.uid), json: bodyOf(settings), signal },
        savedDatasourceSchema,
      ),
    async queryDatasource(uid, expressions, signal) {
      const json = {
        from: 'now-1h',
        to: 'now',
        queries: Object.entries(expressions).map(([refId, expr]) => ({
          refId,
          expr,
          datasource: { type: 'prometheus', uid },
          instant: true,
          range: false,
          intervalMs: 15_000,
          maxDataPoints: 1,
        })),
      };
      const call = { method: 'POST', path: '/api/ds/query', json, retry: false, signal } as const;
      const { results } = await queries.read(call, queryResultsSchema);
      return new Map(
        Object.entries(results).map(([refId, { frames }]) => [refId, frames.flatMap(samplesOf)]),
      );
    },
  };
}

function bodyOf({ jsonData, ...settings }: DatasourceSettings) {
  return {
    ...settings,
    type: 'prometheus',
    access: 'proxy',
    jsonData: { httpMethod: 'POST', ...jsonData },
  };
}

type Frame = ReturnType<typeof queryResultsSchema.parse>['results'][string]['frames'][number];

/** The last value of each column but the first, which has the times. */
function samplesOf({ schema, data }: Frame): InstantSample[] {
  return schema.fields.slice(1).flatMap(({ labels }, n) => {
    const value = data.values[n + 1]?.at(-1);
    return typeof value === 'number' ? [{ labels: labels ?? {}, value }] : [];
  });
}
