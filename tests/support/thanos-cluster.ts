import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openThanos, type ThanosComponent } from '@bud-monitoring/stack';
import { remoteWrite, type WrittenSeries } from '../../stack/src/fleet/index.js';

/** The labels that tell replicas apart: of a pair of Prometheus servers, and of the receivers. */
const replicaLabels = ['prometheus_replica', 'receive_replica'] as const;

export interface ThanosCluster extends AsyncDisposable {
  /** Query, as clients ask it. */
  readonly url: string;
  readonly receivers: readonly ThanosComponent[];
  /** Writes through a receiver, whichever has the series in the end. */
  write(receiver: 0 | 1, series: readonly WrittenSeries[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Two receivers in one hashring, and a Query over both that takes replicas for one.
 * A receiver that is down stays known (`strict`), so that answers without it are marked partial. `prepare` puts
 * blocks where both will have them.
 */
export async function startThanosCluster(
  options: {
    prepare?: (paths: { dataDirectory: string; promtool: string }) => Promise<void>;
    /** On how many receivers each series is; on both unless told. */
    replication?: 1 | 2;
  } = {},
): Promise<ThanosCluster> {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const thanos = await openThanos({ env: process.env, report });
  try {
    const addresses = async () => ({
      http: await thanos.address(),
      grpc: await thanos.address(),
      write: await thanos.address(),
      capnproto: await thanos.address(),
    });
    const all = [await addresses(), await addresses()];
    const hashring = join(thanos.directory, 'hashring.json');
    await writeFile(hashring, JSON.stringify([{ endpoints: all.map(({ grpc }) => grpc) }]));
    const folders = all.map((_, index) => join(thanos.directory, `receive-${index}`));
    const blocks = join(thanos.directory, 'blocks');
    await mkdir(blocks);
    await options.prepare?.({ dataDirectory: blocks, promtool: thanos.promtool });
    for (const folder of folders) {
      await cp(blocks, join(folder, 'default-tenant'), { recursive: true });
    }

    const receivers = await Promise.all(
      all.map(({ http, grpc, write, capnproto }, index) =>
        thanos.start('receive', http, [
          `--grpc-address=${grpc}`,
          `--remote-write.address=${write}`,
          `--receive.capnproto-address=${capnproto}`,
          `--receive.local-endpoint=${grpc}`,
          `--receive.hashrings-file=${hashring}`,
          '--receive.hashrings-algorithm=ketama',
          `--receive.replication-factor=${options.replication ?? 2}`,
          `--label=receive_replica="${index}"`,
          `--tsdb.path=${folders[index] ?? ''}`,
          '--tsdb.retention=0d',
        ]),
      ),
    );
    const endpoints = all.map(({ grpc }) => ({ address: grpc, strict: true }));
    const query = await thanos.start('query', await thanos.address(), [
      `--grpc-address=${await thanos.address()}`,
      `--endpoint.sd-config=${JSON.stringify({ endpoints })}`,
      ...replicaLabels.map((label) => `--query.replica-label=${label}`),
    ]);
    return {
      url: query.url,
      receivers,
      write: (receiver, series) =>
        remoteWrite(`http://${all[receiver]!.write}`, series, {}, '/api/v1/receive'),
      stop: () => thanos.stop(),
      [Symbol.asyncDispose]: () => thanos.stop(),
    };
  } catch (error) {
    await thanos.stop();
    throw error;
  }
}
