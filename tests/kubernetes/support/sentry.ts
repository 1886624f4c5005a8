import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { untilReady } from '../../../stack/src/processes/ready.js';
import { ROOT } from '../../../stack/src/paths.js';
import { namedProgram } from '../../../stack/src/programs/find.js';
import { goBuild, type BuildContext } from '../../../stack/src/programs/go-build.js';

/** Dapr's certificate authority, which gives each sidecar its identity. */
export interface Sentry {
  /** Flags and environment of a sidecar that it knows, in a namespace. */
  sidecar: (namespace: string) => { flags: string[]; env: Record<string, string> };
}

export async function startSentry(
  context: BuildContext,
  ports: { next: () => Promise<number> },
): Promise<Sentry> {
  const { supervisor } = context;
  const program = (await namedProgram('SENTRY_BIN', context.env)) ?? (await buildSentry(context));
  const directory = join(supervisor.directory, 'sentry');
  await mkdir(directory);
  const config = join(directory, 'config.yaml');
  await writeFile(
    config,
    stringify({
      apiVersion: 'dapr.io/v1alpha1',
      kind: 'Configuration',
      metadata: { name: 'daprsystem' },
      spec: { mtls: { enabled: true, workloadCertTTL: '24h', allowedClockSkew: '15m' } },
    }),
  );
  const port = await ports.next();
  const child = await supervisor.start({
    name: 'sentry',
    command: [
      program,
      ...['--config', config, '--issuer-credentials', directory, '--trust-domain', 'cluster.local'],
      ...['--listen-address', '127.0.0.1', '--port', String(port), '--enable-metrics=false'],
      ...['--healthz-listen-address', '127.0.0.1', '--healthz-port', String(await ports.next())],
    ],
  });
  await untilReady({
    name: 'sentry',
    probe: () => Promise.resolve(child.logs().includes('Running gRPC server')),
    timeoutMs: 30_000,
    logs: () => child.logs(),
    end: () => child.end(),
  });
  // It has made itself a root, as there was none.
  const anchors = await readFile(join(directory, 'ca.crt'), 'utf8');
  return {
    sidecar: (namespace) => ({
      flags: [
        ...['--enable-mtls', `--sentry-address=127.0.0.1:${port}`],
        ...['--control-plane-trust-domain=cluster.local', '--control-plane-namespace=default'],
      ],
      env: { DAPR_TRUST_ANCHORS: anchors, NAMESPACE: namespace },
    }),
  };
}

async function buildSentry(context: BuildContext): Promise<string> {
  const module = join(ROOT, 'stack/tools/daprd');
  const [program = ''] = await goBuild(context, {
    ...{ name: 'sentry', version: '1.18.3', go: '1.26.6', variable: 'SENTRY_BIN' },
    programs: ['sentry'],
    args: ['install', '-trimpath', '-ldflags', '-s -w', 'github.com/dapr/dapr/cmd/sentry'],
    cwd: module,
    sources: [join(module, 'go.mod'), join(module, 'go.sum')],
  });
  return program;
}
