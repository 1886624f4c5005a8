import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findPrograms, reservePorts, startSupervisor } from '@bud-monitoring/stack';
import { stringify } from 'yaml';

/** What a receiver of Alertmanager was notified of. */
export interface Notified {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  startsAt: string;
}

/** A real Alertmanager that notifies at once, each alert for itself. */
export interface Alertmanager extends AsyncDisposable {
  url: string;
  /** All that it has told its receiver, in order. */
  readonly notified: Notified[];
  alerts(): Promise<{ labels: Record<string, string>; status: { state: string } }[]>;
  silence(label: string, value: string): Promise<void>;
  /** Crashes, and comes up again on what it has stored. */
  restart(): Promise<void>;
}

export async function startAlertmanager(): Promise<Alertmanager> {
  const supervisor = await startSupervisor();
  const ports = await reservePorts();
  const notified: Notified[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      notified.push(...(JSON.parse(body) as { alerts: Notified[] }).alerts);
      response.end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const receiverPort = (receiver.address() as AddressInfo).port;

  const options = { env: process.env, report: () => undefined, supervisor };
  const program = (await findPrograms(['prometheus-alertmanager'], options))(
    'prometheus-alertmanager',
  );
  const directory = join(supervisor.directory, 'alertmanager');
  await mkdir(directory);
  const file = join(directory, 'alertmanager.yml');
  await writeFile(
    file,
    stringify({
      route: {
        receiver: 'test',
        group_by: ['...'],
        group_wait: '100ms',
        group_interval: '200ms',
        repeat_interval: '4h',
      },
      receivers: [
        {
          name: 'test',
          webhook_configs: [{ url: `http://127.0.0.1:${receiverPort}`, send_resolved: true }],
        },
      ],
    }),
  );
  const address = `127.0.0.1:${await ports.next()}`;
  const url = `http://${address}`;
  const start = async () => {
    const child = await supervisor.start({
      name: 'alertmanager',
      command: [
        program,
        `--config.file=${file}`,
        `--storage.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
      ],
    });
    const isReady = () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady())) {
      const end = child.end();
      if (end) throw new Error(end.lastLines);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return child;
  };
  let child = await start();
  return {
    url,
    notified,
    alerts: async () => (await fetch(`${url}/api/v2/alerts`)).json() as Promise<never>,
    async silence(name, value) {
      const hour = 3_600_000;
      const response = await fetch(`${url}/api/v2/silences`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          matchers: [{ name, value, isRegex: false, isEqual: true }],
          startsAt: new Date().toISOString(),
          endsAt: new Date(Date.now() + hour).toISOString(),
          ...{ createdBy: 'test', comment: 'test' },
        }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async restart() {
      await child.stop();
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await supervisor.stop();
      await ports.release();
      receiver.closeAllConnections();
      receiver.close();
    },
  };
}
