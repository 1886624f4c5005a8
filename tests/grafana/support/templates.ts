import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of the product's templates, with another uid and title on the dashboard of the product. */
export async function copyOfTemplates(product: {
  uid: string;
  title: string;
}): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'templates-'));
  await cp('templates', folder, { recursive: true });
  const file = join(folder, 'product', 'bud-monitoring.json');
  const dashboard = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...dashboard, ...product }));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
