import { createContext, type ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { Loading } from '../parts/page/state';
import { EndingNotice, RefusedPage, SignInPage, TokenForm } from './pages';
import { createSignIn, hasIssuer, type SignInState } from './sign-in';
import type { Session } from './types';

const Context = createContext<Session | null>(null);

/** The session of whoever is signed in. Throws outside of `SessionProvider`. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('there is no session outside of SessionProvider');
  return session;
}

/** Shows its children to those who are signed in, and a way to sign in to everybody else. */
export function SessionProvider({ children }: { children: ComponentChildren }) {
  const { route } = useLocation();
  const [state, show] = useState<SignInState>({ is: 'starting' });
  const signIn = useMemo(() => createSignIn({ show, go: (path) => route(path, true) }), []);
  useEffect(() => {
    void signIn.start();
    // A page that the browser has kept as it was when it left for the issuer.
    const comeBack = ({ persisted }: PageTransitionEvent) => {
      if (persisted) void signIn.start();
    };
    addEventListener('pageshow', comeBack);
    return () => {
      removeEventListener('pageshow', comeBack);
      signIn.stop();
    };
  }, [signIn]);

  const again = () => void signIn.signIn();
  switch (state.is) {
    case 'ready':
      return (
        <Context.Provider value={state.session}>
          {state.ending && <EndingNotice {...state.ending} onSignIn={again} />}
          {children}
        </Context.Provider>
      );
    case 'starting':
      return (
        <main>
          <Loading />
        </main>
      );
    case 'refused':
      return <RefusedPage {...state} onSignIn={again} />;
    case 'failed':
      return (
        <SignInPage title="The console cannot start" text={state.message}>
          <button type="button" class="button button-primary" onClick={() => void signIn.start()}>
            Try again
          </button>
        </SignInPage>
      );
    case 'signed-out':
      if (!hasIssuer(state.config))
        return <TokenForm fault={state.why} onToken={(token) => void signIn.bring(token)} />;
      return (
        <SignInPage title="Bud Monitoring" text={state.why}>
          <button type="button" class="button button-primary" onClick={again}>
            Sign in
          </button>
        </SignInPage>
      );
  }
}
