import type { Warning } from '@bud-monitoring/contracts';

/** Collects what an answer lacks. */
export interface Warnings {
  readonly list: readonly Warning[];
  add(code: string, message: string, about?: { metric?: string; nodes?: readonly string[] }): void;
}

/** Most nodes one warning names; the message says how many there are. */
const mostNodes = 100;

/** No warnings yet. */
export function createWarnings(): Warnings {
  const list: Warning[] = [];
  return {
    list,
    add(code, message, { metric, nodes } = {}) {
      if (nodes?.length === 0) return;
      list.push({
        code,
        message: nodes === undefined ? message : `${message} (nodes: ${nodes.length})`,
        ...(metric !== undefined && { metric }),
        ...(nodes !== undefined && { nodes: nodes.slice(0, mostNodes) }),
      });
    },
  };
}
