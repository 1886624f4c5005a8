import { createHash } from 'node:crypto';
import type { Writer } from '../state/record.js';
import type { Template } from '../templates/template.js';

/** The writer that a process is which started at `startedAt` (Unix ms) with these templates. */
export function createWriter(
  { version, startedAt }: Pick<Writer, 'version' | 'startedAt'>,
  templates: readonly Pick<Template, 'name' | 'hash'>[],
): Writer {
  const all = templates.map(({ name, hash }) => [name, hash]);
  const hash = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
  return { version, startedAt, templates: hash };
}

/**
 * Whether dashboards by the `recorded` writer are left as they are by `own`: it has other templates, of
 * a later release, or of the same release and read later. So two of them never undo each other's work.
 */
export function isNewerWriter(recorded: Writer | undefined, own: Writer): boolean {
  if (recorded === undefined || recorded.templates === own.templates) return false;
  const order = recorded.version.localeCompare(own.version, 'en', { numeric: true });
  return order === 0 ? recorded.startedAt > own.startedAt : order > 0;
}
