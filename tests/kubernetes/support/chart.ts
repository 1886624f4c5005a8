import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { ROOT } from '../../../stack/src/paths.js';
import type { BuildContext } from '../../../stack/src/programs/go-build.js';
import { call as execute } from '../../support/call.js';
import type { ApiServer } from './api-server.js';

const CHART = join(ROOT, 'deploy/helm/bud-monitoring');

/** An object of Kubernetes, as far as it is read here. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown> & {
    replicas?: number;
    template?: { metadata: Manifest['metadata']; spec: PodSpec };
  };
}

export interface PodSpec {
  containers: {
    name: string;
    image?: string;
    command?: string[];
    args?: string[];
    env?: {
      name: string;
      value?: string;
      valueFrom?: { secretKeyRef: { name: string; key: string; optional?: boolean } };
    }[];
  }[];
}

export type Values = Readonly<Record<string, unknown>>;

/** The chart, through helm. */
export interface Chart {
  lint: (values: Values) => Promise<string>;
  /** What `helm template` makes of it; throws with helm's own words. */
  template: (values?: Values, files?: readonly string[]) => Promise<string>;
  /** `helm install` or `helm upgrade` of a release called `test`, with these values alone. */
  deploy: (how: 'install' | 'upgrade', server: ApiServer, values: Values) => Promise<string>;
  /** Another command of helm about that release: `rollback`, `test`, ... */
  release: (server: ApiServer, command: string, ...args: readonly string[]) => Promise<string>;
}

export function openChart({ supervisor }: BuildContext, helm: string): Chart {
  let count = 0;
  const valuesFile = async (values: Values) => {
    const file = join(supervisor.directory, `values-${(count += 1)}.yaml`);
    await writeFile(file, stringify(values));
    return file;
  };
  const run = (args: readonly string[]) =>
    execute([helm, ...args], { env: { HOME: supervisor.directory } });
  const call = async (args: readonly string[], values: Values, files: readonly string[] = []) => {
    const all = [...files.map((name) => join(CHART, name)), await valuesFile(values)];
    const named = all.flatMap((name) => ['-f', name]);
    return run([...args, CHART, '--kube-version', '1.36.3', ...named]);
  };
  const at = ({ url, token }: ApiServer) => [
    ...['-n', 'bud', '--kube-apiserver', url, '--kube-token', token],
    '--kube-insecure-skip-tls-verify',
  ];
  return {
    lint: (values) => call(['lint', '--strict'], values),
    template: (values = {}, files) => call(['template', 'test', '-n', 'bud'], values, files),
    deploy: async (how, server, values) =>
      run([how, 'test', CHART, ...at(server), '-f', await valuesFile(values)]),
    release: (server, command, ...args) => run([command, 'test', ...args, ...at(server)]),
  };
}

export const manifests = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });

/** The pods that a rendered text would have, as Kubernetes' admission looks at them. */
export const podsOf = (text: string): object[] =>
  manifests(text).flatMap(({ kind, metadata, spec }): object[] => {
    if (kind === 'Pod') return [{ apiVersion: 'v1', kind, metadata, spec }];
    const { template } = (spec as Manifest['spec'] | undefined) ?? {};
    if (template === undefined) return [];
    const name = `${metadata.name}-pod`;
    return [
      { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name } },
    ];
  });
