import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import { createdDatasourceSchema, datasourceListSchema, datasourceSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

type Datasources = Pick<GrafanaClient, 'findDatasource' | 'listDatasources' | 'createDatasource'>;

/** Data sources, single ones by uid alone: the routes by numeric id are off in newer versions. */
export function createDatasources({ read, find }: Transport): Datasources {
  const findDatasource: Datasources['findDatasource'] = async (uid, signal) =>
    find(
      { method: 'GET', path: `/api/datasources/uid/${pathSegment(uid)}`, signal },
      datasourceSchema,
    );

  return {
    findDatasource,
    listDatasources: (signal) =>
      read({ method: 'GET', path: '/api/datasources', signal }, datasourceListSchema),
    async createDatasource({ uid, name, url, jsonData, secureJsonData, signal }) {
      const json = {
        uid,
        name,
        type: 'prometheus',
        access: 'proxy',
        url,
        jsonData: { httpMethod: 'POST', ...jsonData },
        secureJsonData,
      };
      try {
        const call = { method: 'POST', path: '/api/datasources', json, signal } as const;
        return await read(call, createdDatasourceSchema);
      } catch (error) {
        // 409 is about the name or the uid; only the uid means that it is there already.
        if (!(error instanceof UpstreamError) || error.code !== 'conflict') throw error;
        const existing = await findDatasource(uid, signal);
        if (existing === null) throw error;
        return existing;
      }
    },
  };
}
