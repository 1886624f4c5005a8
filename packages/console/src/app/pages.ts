import type { Permission } from '@bud-monitoring/contracts';
import type { ComponentType } from 'preact';
import { lazyPage } from './page-guard';

/** A page of the console. */
export interface PageRow {
  /** As preact-iso has them: `/clusters/:id`. */
  path: string;
  /** What the navigation and the browser's tab call it. */
  title: string;
  page: ComponentType;
  /** Who may open it; others are not offered it. */
  needs: Permission;
  /** Whether the navigation shows it. */
  listed: boolean;
}

/** All pages, in the order of the navigation. Each is loaded when it is first opened. */
export const pages: readonly PageRow[] = [
  {
    path: '/',
    title: 'Fleet',
    page: lazyPage(() => import('../pages/fleet/fleet-page')),
    needs: 'cluster:view',
    listed: true,
  },
  {
    path: '/clusters/:id',
    title: 'Cluster',
    page: lazyPage(() => import('../pages/cluster/cluster-page')),
    needs: 'cluster:view',
    listed: false,
  },
];
