import { Router } from 'express';
import { refuse } from '../responses/errors.js';
import type { Dialect, RouteContext } from '../context.js';

const BUILD: Record<Dialect, { version: string; commit: string }> = {
  '9.4': { version: '9.4.0-pre', commit: '0d70eb18ac' },
  later: { version: '12.0.0', commit: '4c0e7045f9' },
};

/** `GET /api/health`: before any look at credentials, wrong ones included. */
export function healthRoute({ dialect }: Pick<RouteContext, 'dialect'>): Router {
  return Router().get('/api/health', (_req, res) => {
    const { commit, version } = BUILD[dialect];
    res.json({ commit, database: 'ok', version });
  });
}

/** Who is asking, and what server this is. */
export function serverInfoRoutes({ auth, store, dialect }: RouteContext): Router {
  const started = store.timestamp();
  const router = Router();

  router.get('/api/user', (req, res) => {
    const caller = auth.callerOf(req);
    if (caller?.kind !== 'user') throw refuse(404, 'user not found');
    res.json({
      id: caller.id,
      email: `${caller.login}@localhost`,
      name: '',
      login: caller.login,
      theme: '',
      orgId: 1,
      isGrafanaAdmin: caller.role === 'Admin',
      isDisabled: false,
      isExternal: false,
      authLabels: [],
      updatedAt: started,
      createdAt: started,
      avatarUrl: '/public/img/user_profile.png',
    });
  });

  router.get('/api/org', (_req, res) => {
    const address = { address1: '', address2: '', city: '', zipCode: '', state: '', country: '' };
    res.json({ id: 1, name: 'Main Org.', address });
  });

  router.get('/api/frontend/settings', (req, res) => {
    res.json({
      GoogleAnalytics4SendManualPageViews: false,
      alertingEnabled: false,
      alertingErrorOrTimeout: 'alerting',
      alertingMinInterval: 1,
      alertingNoDataOrNullValues: 'no_data',
      allowOrgCreate: true,
      angularSupportEnabled: true,
      appSubUrl: '',
      appUrl: `http://${req.headers.host ?? 'localhost'}/`,
      applicationInsightsConnectionString: '',
      applicationInsightsEndpointUrl: '',
      auth: {
        AzureADSkipOrgRoleSync: false,
        DisableSyncLock: false,
        GrafanaComSkipOrgRoleSync: false,
        LDAPSkipOrgRoleSync: false,
        OAuthSkipOrgRoleUpdateSync: false,
        SAMLSkipOrgRoleSync: false,
      },
      buildInfo: { ...BUILD[dialect], edition: 'Open Source', env: 'production' },
      featureToggles: { publicDashboards: true },
    });
  });

  return router;
}
