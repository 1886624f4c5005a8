import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readFileSync } from 'node:fs';
import type { AppOptions } from '../../../stack/src/options.js';
import { DAPR_CONFIG, ROOT } from '../../../stack/src/paths.js';
import { manifests, type Manifest } from './chart.js';

/** Secrets as they would exist in the namespace: name, key, value. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Annotations that Dapr's injector makes flags of. */
const FLAGS = {
  'dapr.io/max-body-size': 'max-body-size',
  'dapr.io/read-buffer-size': 'read-buffer-size',
  'dapr.io/graceful-shutdown-seconds': 'dapr-graceful-shutdown-seconds',
  'dapr.io/block-shutdown-duration': 'dapr-block-shutdown-duration',
  'dapr.io/log-level': 'log-level',
  'dapr.io/app-protocol': 'app-protocol',
} as const;

/** What the control plane makes of a rendered chart, as far as it goes without one. */
export interface Pods {
  /** A service's pod as an app of the stack: its container's command and environment, its sidecar's flags. */
  pod: (component: 'metrics' | 'dashboard') => AppOptions;
  /** What a sidecar of this component is given. */
  sidecar: (component: string) => { resources: string; config: string; flags: string[] };
}

export async function preparePods(
  text: string,
  { directory, secrets }: { directory: string; secrets: Secrets },
): Promise<Pods> {
  const all = manifests(text);
  const resources = join(directory, 'resources');
  await mkdir(resources, { recursive: true });
  const ofDapr = all.filter(({ kind }) =>
    ['Component', 'Subscription', 'Resiliency'].includes(kind),
  );
  await writeFile(
    join(resources, 'all.yaml'),
    ofDapr.map((one) => stringify(withSecrets(one, secrets))).join('---\n'),
  );
  // Kubernetes resolves names by itself; here sidecars meet as those of the stack do.
  const { spec } = parse(readFileSync(DAPR_CONFIG, 'utf8')) as { spec: Record<string, unknown> };
  for (const configuration of all.filter(({ kind }) => kind === 'Configuration'))
    await writeFile(
      join(directory, `${configuration.metadata.name}.yaml`),
      stringify({
        ...configuration,
        spec: { ...configuration.spec, nameResolution: spec['nameResolution'] },
      }),
    );

  const deployment = (component: string) => {
    const found = all.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith(`-${component}`),
    );
    const template = found?.spec.template;
    if (!template) throw new Error(`the chart has no Deployment of ${component}`);
    return template;
  };
  const sidecar: Pods['sidecar'] = (component) => {
    const { annotations = {} } = deployment(component).metadata;
    return {
      resources,
      config: join(directory, `${annotations['dapr.io/config'] ?? ''}.yaml`),
      flags: Object.entries(FLAGS).flatMap(([annotation, flag]) => {
        const value = annotations[annotation];
        return value === undefined ? [] : [`--${flag}=${value}`];
      }),
    };
  };
  return {
    sidecar,
    pod(component) {
      const { metadata, spec: pod } = deployment(component);
      const [container] = pod.containers;
      const [, ...args] = container?.command ?? [];
      return {
        appId: metadata.annotations?.['dapr.io/app-id'] ?? '',
        command: [process.execPath, ...args.slice(0, -1), join(ROOT, args.at(-1) ?? '')],
        environment: environmentOf(container?.env ?? [], secrets),
        mayEnd: true,
        sidecar: sidecar(component),
      };
    },
  };
}

/** A container's environment, but for what the stack chooses: ports, and the tokens of its sidecars. */
function environmentOf(
  env: NonNullable<NonNullable<Manifest['spec']['template']>['spec']['containers'][0]['env']>,
  secrets: Secrets,
): Record<string, string> {
  const chosen = ['HOST', 'PORT', 'DAPR_API_TOKEN', 'APP_API_TOKEN'];
  return Object.fromEntries(
    env.flatMap(({ name, value, valueFrom }) => {
      if (chosen.includes(name)) return [];
      if (value !== undefined) return [[name, value]];
      const { name: secret = '', key = '', optional } = valueFrom?.secretKeyRef ?? {};
      const found = secrets[secret]?.[key];
      if (found === undefined && !optional) throw new Error(`no Secret ${secret} with ${key}`);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

/** Dapr's operator hands components on with their secrets filled in. */
function withSecrets(manifest: Manifest, secrets: Secrets): object {
  const { metadata = [] } = manifest.spec as {
    metadata?: { name: string; secretKeyRef?: { name: string; key: string } }[];
  };
  if (!Array.isArray(metadata)) return manifest;
  const filled = metadata.map(({ secretKeyRef, ...item }) =>
    secretKeyRef ? { ...item, value: secrets[secretKeyRef.name]?.[secretKeyRef.key] } : item,
  );
  return {
    ...manifest,
    auth: undefined,
    spec: { ...manifest.spec, ...(metadata.length > 0 && { metadata: filled }) },
  };
}
