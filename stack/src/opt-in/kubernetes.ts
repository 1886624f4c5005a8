import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aptCommand, aptInstall } from '../programs/apt.js';
import { namedProgram, onPath, UnavailableError } from '../programs/find.js';
import { goBuild, type BuildContext } from '../programs/go-build.js';
import { buildFromModule } from '../programs/go-module.js';

/** Kubernetes, without anything that runs pods. */
export interface KubernetesPrograms {
  etcd: string;
  apiserver: string;
  kubectl: string;
  helm: string;
}

/**
 * What ETCD_BIN, KUBE_APISERVER_BIN, KUBECTL_BIN and HELM_BIN name; else Debian's etcd, and the others built
 * with Go, which takes 10 minutes of processor time once.
 */
export async function kubernetesPrograms(context: BuildContext): Promise<KubernetesPrograms> {
  const named = (variable: string) => namedProgram(variable, context.env);
  const [apiserver, kubectl] = [await named('KUBE_APISERVER_BIN'), await named('KUBECTL_BIN')];
  const built = apiserver && kubectl ? [] : await buildKubernetes(context);
  return {
    etcd: (await named('ETCD_BIN')) ?? (await findEtcd(context)),
    apiserver: apiserver ?? built[0] ?? '',
    kubectl: kubectl ?? built[1] ?? '',
    helm:
      (await named('HELM_BIN')) ??
      (await onPath('helm', context.env)) ??
      (await buildHelm(context)),
  };
}

async function findEtcd(context: BuildContext): Promise<string> {
  const found = await onPath('etcd', context.env);
  if (found) return found;
  const shell = await aptCommand(context.env);
  if (!shell) throw new UnavailableError('etcd is missing: install it or name it in ETCD_BIN');
  await aptInstall(context, shell, ['etcd-server']);
  return (await onPath('etcd', context.env)) ?? 'etcd';
}

const buildKubernetes = (context: BuildContext) =>
  buildFromModule(context, {
    ...{ name: 'kubernetes', version: '1.36.3', go: '1.26.0', variable: 'KUBE_APISERVER_BIN' },
    module: 'k8s.io/kubernetes',
    packages: ['cmd/kube-apiserver', 'cmd/kubectl'],
    // Helm compares it with what the chart asks for.
    variables: { 'k8s.io/component-base/version.gitVersion': 'v1.36.3' },
    // The module expects its libraries beside it; published, they have versions of their own.
    async patch(directory) {
      for (const name of ['go.work', 'go.work.sum', 'vendor', 'staging'])
        await rm(join(directory, name), { recursive: true, force: true });
      const file = join(directory, 'go.mod');
      const text = await readFile(file, 'utf8');
      await writeFile(
        file,
        text
          .replace(/(k8s\.io\/[a-z-]+) => \.\/staging.*/g, '$1 => $1 v0.36.3')
          .replace(/(k8s\.io\/[a-z-]+) v0\.0\.0$/gm, '$1 v0.36.3'),
      );
    },
  });

async function buildHelm(context: BuildContext): Promise<string> {
  const version = '3.19.5';
  const [helm = ''] = await goBuild(context, {
    ...{ name: 'helm', version, go: '1.24.0', variable: 'HELM_BIN', programs: ['helm'] },
    args: ['install', '-trimpath', '-ldflags', '-s -w', `helm.sh/helm/v3/cmd/helm@v${version}`],
    cwd: '/',
  });
  return helm;
}
