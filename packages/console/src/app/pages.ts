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
  {
    path: '/provisioning',
    title: 'Provisioning',
    page: lazyPage(() => import('../pages/provisioning/provisioning-page')),
    needs: 'cluster:view',
    listed: true,
  },
  {
    path: '/provisioning/:id',
    title: 'Provisioning of a cluster',
    page: lazyPage(() => import('../pages/provisioning/cluster-page')),
    needs: 'cluster:view',
    listed: false,
  },
  {
    path: '/dead-letters',
    title: 'Dead letters',
    page: lazyPage(() => import('../pages/dead-letters/dead-letters-page')),
    needs: 'cluster:view',
    listed: true,
  },
  {
    path: '/dead-letters/:id',
    title: 'Dead letter',
    page: lazyPage(() => import('../pages/dead-letters/dead-letter-page')),
    needs: 'cluster:view',
    listed: false,
  },
  {
    path: '/health',
    title: 'Health',
    page: lazyPage(() => import('../pages/health/health-page')),
    needs: 'cluster:manage',
    listed: true,
  },
];
