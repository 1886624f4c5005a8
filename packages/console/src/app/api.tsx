import {
  createBrowserClient,
  createHealth,
  createStreams,
  type BrowserClient,
  type BrowserHealth,
  type BrowserStreams,
} from '@bud-monitoring/browser';
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { useSession } from '../session';

interface Api {
  client: BrowserClient;
  streams: BrowserStreams;
  health: BrowserHealth;
}

const Context = createContext<Api | null>(null);

/** The API of the gateway, with the token of the session. */
export function ApiProvider({ children }: { children: ComponentChildren }) {
  const { token } = useSession();
  const api = useMemo(() => {
    const connection = { baseUrl: '/api', token };
    return {
      client: createBrowserClient(connection),
      streams: createStreams(connection),
      health: createHealth(connection),
    };
  }, [token]);
  return <Context.Provider value={api}>{children}</Context.Provider>;
}

/** All routes of both services by the gateway, the event streams, and how the services are. */
export function useApi(): Api {
  const api = useContext(Context);
  if (!api) throw new Error('there is no API outside of ApiProvider');
  return api;
}
