import { createBrowserClient } from '@bud-monitoring/browser';
import type { CallerData } from '@bud-monitoring/contracts';
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';

/** Who is signed in, and what they may see and do: `data` of `GET /me`. */
export type Me = CallerData;

export interface Session {
  /** The token to show. After the API refused one it is asked again with that one, to renew it. */
  token: (refused?: string) => Promise<string>;
  me: Me;
  /** Forgets the token, and shows the page to sign in. */
  signOut: () => void;
}

const Context = createContext<Session | null>(null);

/** The session of whoever is signed in. Throws outside of `SessionProvider`. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('there is no session outside of SessionProvider');
  return session;
}

const KEY = 'bud-monitoring.token';

/** Shows its children to those who are signed in, and a way to sign in to everybody else. */
export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState('');
  const open = useMemo(
    () => async (token: string) => {
      const client = createBrowserClient({ baseUrl: '/api', token: () => token });
      try {
        const me = await client.whoAmI();
        sessionStorage.setItem(KEY, token);
        const signOut = () => {
          sessionStorage.removeItem(KEY);
          setSession(null);
        };
        setSession({ token: () => Promise.resolve(token), me, signOut });
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
    },
    [],
  );
  useMemo(() => {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null) void open(kept);
  }, [open]);

  if (session) return <Context.Provider value={session}>{children}</Context.Provider>;
  return (
    <main class="sign-in">
      <h1>Bud Monitoring</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string') void open(token.trim());
        }}
      >
        <label>
          Token
          <input name="token" type="password" autocomplete="off" required />
        </label>
        <button class="button button-primary">Sign in</button>
        <p role="alert">{problem}</p>
      </form>
    </main>
  );
}
