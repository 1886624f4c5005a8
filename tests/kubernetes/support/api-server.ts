import { generateKeyPairSync } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reservePorts } from '@bud-monitoring/stack';
import { untilReady } from '../../../stack/src/processes/ready.js';
import type { BuildContext } from '../../../stack/src/programs/go-build.js';
import { call } from '../../support/call.js';
import { moduleSources } from '../../../stack/src/programs/go-module.js';
import type { KubernetesPrograms } from '../../../stack/src/opt-in/kubernetes.js';

/** A real kube-apiserver on 127.0.0.1, with the definitions of Dapr, prometheus-operator and Gateway API. */
export interface ApiServer {
  url: string;
  /** Of an administrator. */
  token: string;
  /** Runs kubectl with this input; throws with its last lines. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>;
  stop: () => Promise<void>;
}

/** Modules that bring definitions, and where. */
const DEFINITIONS = [
  [
    'github.com/dapr/dapr@v1.18.3',
    'charts/dapr/crds',
    /^(components|configuration|resiliency|subscription)\.yaml$/,
  ],
  [
    'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    'example/prometheus-operator-crd',
    /_(podmonitors|prometheusrules|servicemonitors)\.yaml$/,
  ],
  ['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard', /_httproutes\.yaml$/],
] as const;

export async function startApiServer(
  context: BuildContext,
  programs: KubernetesPrograms,
): Promise<ApiServer> {
  const { supervisor } = context;
  const ports = await reservePorts();
  const [client, peer, secure] = [await ports.next(), await ports.next(), await ports.next()];
  const directory = join(supervisor.directory, 'kubernetes');
  const at = (port: number) => `http://127.0.0.1:${port}`;
  await supervisor.start({
    name: 'etcd',
    command: [
      ...([programs.etcd, '--data-dir', `${directory}/etcd`] as const),
      ...['--listen-client-urls', at(client), '--advertise-client-urls', at(client)],
      ...['--listen-peer-urls', at(peer), '--initial-advertise-peer-urls', at(peer)],
      ...['--initial-cluster', `default=${at(peer)}`, '--unsafe-no-fsync'],
    ],
  });
  const key = join(supervisor.directory, 'service-accounts.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const tokens = join(supervisor.directory, 'tokens.csv');
  const token = 'admin';
  await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const server = await supervisor.start({
    name: 'kube-apiserver',
    command: [
      programs.apiserver,
      ...['--etcd-servers', at(client), '--secure-port', String(secure)],
      ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
      ...['--cert-dir', `${directory}/certificates`, '--token-auth-file', tokens],
      ...['--service-account-issuer', 'https://kubernetes.test'],
      ...['--service-account-signing-key-file', key, '--service-account-key-file', key],
      ...['--service-cluster-ip-range', '10.96.0.0/16', '--authorization-mode', 'RBAC'],
      // No controller makes the accounts that it would ask for.
      ...['--disable-admission-plugins', 'ServiceAccount'],
    ],
  });
  const url = `https://127.0.0.1:${secure}`;
  const kubectl: ApiServer['kubectl'] = (args, input = '') =>
    call(
      [
        ...([programs.kubectl, '--server', url] as const),
        ...['--insecure-skip-tls-verify', '--token', token, ...args],
      ],
      { env: { HOME: supervisor.directory }, input },
    );
  await untilReady({
    name: 'kube-apiserver',
    probe: () =>
      kubectl(['get', '--raw', '/readyz']).then(
        () => true,
        () => false,
      ),
    timeoutMs: 120_000,
    logs: () => server.logs(),
    end: () => server.end(),
  });
  for (const [module, folder, wanted] of DEFINITIONS) {
    const path = join(await moduleSources(context, module), folder);
    const files = (await readdir(path)).filter((name) => wanted.test(name));
    // The server's side: some are larger than what client-side apply keeps in an annotation.
    for (const file of files) await kubectl(['apply', '--server-side', '-f', join(path, file)]);
  }
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  return { url, token, kubectl, stop: () => ports.release() };
}
