import { createHash } from 'node:crypto';

import { z } from 'zod';

import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import { folderSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

const pageSize = 1000;

/** Finds or makes folders. Our own carry a uid made from the title, so two replicas make one. */
export function createFolders({ read, find }: Transport): Pick<GrafanaClient, 'ensureFolder'> {
  async function byTitle(title: string, signal?: AbortSignal): Promise<string | undefined> {
    const wanted = title.toLowerCase();
    for (let page = 1; ; page += 1) {
      const query = { limit: String(pageSize), page: String(page) };
      const call = { method: 'GET', path: '/api/folders', query, signal } as const;
      const folders = await read(call, z.array(folderSchema));
      // Without regard to case, as Grafana compares titles when it refuses a second one.
      const match = folders.find((folder) => folder.title.toLowerCase() === wanted);
      if (match !== undefined || folders.length < pageSize) return match?.uid;
    }
  }

  return {
    async ensureFolder(title, signal) {
      const uid = `bud-${createHash('sha256').update(title).digest('hex').slice(0, 16)}`;
      const path = `/api/folders/${pathSegment(uid)}`;
      const ours = await find({ method: 'GET', path, signal }, folderSchema);
      const existing = ours?.uid ?? (await byTitle(title, signal));
      if (existing !== undefined) return existing;
      const json = { uid, title };
      try {
        const call = { method: 'POST', path: '/api/folders', json, signal } as const;
        return (await read(call, folderSchema)).uid;
      } catch (error) {
        // Someone was quicker, or an earlier try of ours went through.
        if (!(error instanceof UpstreamError) || error.code !== 'conflict') throw error;
        const made = (await find({ method: 'GET', path, signal }, folderSchema))?.uid;
        const other = made ?? (await byTitle(title, signal));
        if (other === undefined) throw error;
        return other;
      }
    },
  };
}
