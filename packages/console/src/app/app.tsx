import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { SessionProvider, useSession } from '../session';
import { Problem } from '../parts/page/state';
import { ZoneProvider } from '../parts/values/zone';
import { ApiProvider } from './api';
import { Layout } from './layout';
import { may } from './may';
import { NotFoundPage } from './not-found-page';
import { PageGuard } from './page-guard';
import { pages } from './pages';

export function App() {
  return (
    <LocationProvider>
      <SessionProvider>
        <ApiProvider>
          <ZoneProvider>
            <Layout>
              <Pages />
            </Layout>
          </ZoneProvider>
        </ApiProvider>
      </SessionProvider>
    </LocationProvider>
  );
}

function Pages() {
  const { me } = useSession();
  const { url } = useLocation();
  return (
    <ErrorBoundary>
      <PageGuard url={url}>
        <Router>
          {pages.map(({ path, page, needs }) => (
            <Route key={path} path={path} component={may(me, needs) ? page : RefusedPage} />
          ))}
          <Route default component={NotFoundPage} />
        </Router>
      </PageGuard>
    </ErrorBoundary>
  );
}

function RefusedPage() {
  return <Problem title="Not for you" text="Your account lacks the permission for this page." />;
}
