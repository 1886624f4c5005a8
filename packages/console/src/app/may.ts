import type { Permission } from '@bud-monitoring/contracts';
import type { Me } from '../session';

/** Whether somebody has a permission; `cluster:manage` includes `cluster:view`. */
export function may({ permissions }: Me, needed: Permission): boolean {
  return permissions.includes(needed) || permissions.includes('cluster:manage');
}
