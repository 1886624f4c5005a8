import { randomUUID } from 'node:crypto';
import { createGrafanaClient } from '@bud-monitoring/client/grafana';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { announce, findOriginals } from '../../services/dashboard/src/upgrade/adopt-originals.js';
import { createMemoryState } from '../dashboard/support/memory-state.js';
import { createAdmin, type GrafanaAdmin } from './support/admin.js';
import { isReady, startService, type Service } from './support/service.js';
import { targets, type OpenTarget } from './support/target.js';

/** What the original imported: its template with the cluster's name and id, and nothing of ours. */
const original = (uid: string, title: string) => ({
  dashboard: { uid, title, tags: ['kubernetes-mixin'], panels: [], schemaVersion: 41 },
  overwrite: false,
});

describe.each(targets(process.env))('dashboards of the original in $name', ({ open }) => {
  let target: OpenTarget;
  let admin: GrafanaAdmin;
  let services: Service[] = [];
  const made: string[] = [];

  const post = async (path: string, body: object) => {
    const response = await fetch(`${target.scheme}://${target.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: target.authorization },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  };
  const leave = async (uid: string, title: string, shared = true) => {
    made.push(uid);
    await post('/api/dashboards/import', original(uid, title));
    if (shared)
      await post(`/api/dashboards/uid/${uid}/public-dashboards`, {
        share: 'public',
        isEnabled: true,
      });
  };
  const grafana = () => {
    const {
      GRAFANA_TOKEN: token,
      GRAFANA_USERNAME: username,
      GRAFANA_PASSWORD: password,
    } = target.credentials;
    return createGrafanaClient({
      ...{ scheme: target.scheme, url: target.url, token, username, password },
    });
  };

  beforeEach(async () => {
    target = await open();
    admin = createAdmin(target);
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service[Symbol.asyncDispose]();
    for (const uid of made.splice(0))
      for (const held of await admin.dashboards(uid)) await admin.remove(held.uid);
    services = [];
    await target[Symbol.asyncDispose]();
  });

  it('are taken over with the link that is already in use', async () => {
    const [id, unshared, other] = [randomUUID(), randomUUID(), `other-${Date.now()}`];
    await leave(id, `east ${id.slice(0, 4)}`);
    await leave(unshared, `west ${id.slice(0, 4)}`, false);
    await leave(other, `not a cluster ${id.slice(0, 4)}`, false);
    const [before] = await admin.links(id);

    const originals = await findOriginals(grafana());
    const own = originals.filter((one) => made.includes(one.id));
    expect(own).toEqual([
      { id, name: `east ${id.slice(0, 4)}`, isShared: true },
      { id: unshared, name: `west ${id.slice(0, 4)}`, isShared: false },
    ]);

    const service = await startService({
      target,
      state: createMemoryState({ clock: Date }),
      folder: '',
    });
    services.push(service);
    await announce(own, {
      pubsub: 'pubsub',
      dapr: {
        publish: (_pubsub, _topic, data, options) => {
          const { cluster_id: clusterId, name } = data as { cluster_id: string; name: string };
          return service.deliver('created', {
            ...{ clusterId, name },
            time: options?.cloudEvent?.time ?? '',
          });
        },
      },
    });
    const { body } = await service.until(id, isReady);
    await service.until(unshared, isReady);

    expect(body.data?.['url']).toContain(before?.accessToken);
    expect(await admin.links(id)).toEqual([before]);
    expect(await admin.dashboards(id)).toHaveLength(4);
    expect((await findOriginals(grafana())).filter((one) => made.includes(one.id))).toEqual([]);
  });

  it('of a cluster that is known by a later event keep what that says', async () => {
    const id = randomUUID();
    await leave(id, `old ${id.slice(0, 4)}`);
    const service = await startService({
      target,
      state: createMemoryState({ clock: Date }),
      folder: '',
    });
    services.push(service);
    await service.deliver('created', { clusterId: id, name: 'renamed' });
    await service.deliver('created', {
      clusterId: id,
      name: 'old',
      time: new Date(0).toISOString(),
    });
    await service.until(id, isReady);
    const [main] = await admin.dashboards(id);
    expect(main?.title).toContain('renamed');
  });
});
