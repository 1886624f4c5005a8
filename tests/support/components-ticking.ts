import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const usual = '@every 30s';

/**
 * A copy of the product's components in which these cron bindings tick at another interval, as
 * `{ 'evaluate-alerts': '1s' }`. The caller removes the folder.
 */
export async function componentsTicking(intervals: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'components-'));
  await cp('components', directory, { recursive: true });
  for (const [name, interval] of Object.entries(intervals)) {
    const file = join(directory, `${name}.yaml`);
    const text = await readFile(file, 'utf8');
    if (!text.includes(usual)) throw new Error(`${name} does not tick ${usual}`);
    await writeFile(file, text.replace(usual, `@every ${interval}`));
  }
  return directory;
}
