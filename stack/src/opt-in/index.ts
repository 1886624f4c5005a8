import type { BuildContext } from '../programs/go-build.js';
import { findPrograms } from '../programs/index.js';
import { findDebootstrap } from './debootstrap.js';
import { openDocker } from './docker.js';
import { kubernetesPrograms } from './kubernetes.js';

/** What an opted-in part of the tests (`OPT_IN`, jest.config.mjs) runs on beside what all do. */
const parts: Readonly<Record<string, (context: BuildContext) => Promise<unknown>>> = {
  async compose(context) {
    await (await openDocker(context)).stop();
    await findDebootstrap(context);
  },
  kubernetes: kubernetesPrograms,
  thanos: (context) => findPrograms(['thanos'], context),
};

/**
 * Installs and builds what the opted-in parts need, which are names with commas between. Throws UnavailableError
 * where this machine cannot have it: those tests are to be skipped then.
 */
export async function prepareOptedIn(names: string, context: BuildContext): Promise<void> {
  for (const name of names.split(',')) await parts[name]?.(context);
}
