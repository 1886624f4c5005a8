import { aptCommand, aptInstall } from '../programs/apt.js';
import { onPath, UnavailableError } from '../programs/find.js';
import type { BuildContext } from '../programs/go-build.js';

/** Makes the tree of a Debian that an image is imported from; installed where it lacks. Only root can run it. */
export async function findDebootstrap(context: BuildContext): Promise<string> {
  const { env } = context;
  if (process.getuid?.() !== 0)
    throw new UnavailableError('images are made with debootstrap, which only root can run');
  const found = await onPath('debootstrap', env);
  if (found) return found;
  const shell = await aptCommand(env);
  if (!shell)
    throw new UnavailableError('images are made with debootstrap, which cannot be installed here');
  await aptInstall(context, shell, ['debootstrap']);
  return (await onPath('debootstrap', env)) ?? 'debootstrap';
}
