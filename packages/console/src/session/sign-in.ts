import { ApiError, createBrowserClient } from '@bud-monitoring/browser';
import { loadConfig, RETURN_PATH, type ConsoleConfig } from './config';
import type { OpenId } from './open-id';
import { mayRedirect } from './redirect-guard';
import { CannotRenew, createTokenKeeper, type KeeperNews, type TokenKeeper } from './token-keeper';
import { forgetTokens, keepTokens, keptTokens, type Tokens } from './tokens';
import type { Session } from './types';

/** Where the sign-in stands. */
export type SignInState =
  | { is: 'starting' }
  /** `ending`: it could not be renewed, and ends at that time (ms since 1970). */
  | { is: 'ready'; session: Session; ending: { endsAt: number; canRenew: boolean } | null }
  /** A person has to do something: at the issuer, or without one to bring a token. */
  | { is: 'signed-out'; config: ConsoleConfig; why: string }
  /** The issuer gives tokens that the API does not take. */
  | { is: 'refused'; config: ConsoleConfig; message: string }
  /** Gateway or issuer cannot be asked. */
  | { is: 'failed'; message: string };

export interface SignIn {
  /** Begins with what this tab has: an answer of the issuer, tokens, or nothing. */
  start: () => Promise<void>;
  /** Goes to the issuer, as a person asked for. */
  signIn: () => Promise<void>;
  /** Takes a token that somebody brought. */
  bring: (token: string) => Promise<void>;
  stop: () => void;
}

interface SignInOptions {
  show: (state: SignInState) => void;
  /** Opens a page of the console in place of this one. */
  go: (path: string) => void;
}

/** Signs somebody in, and keeps the sign-in alive. It leaves the page by itself once in 30 s at most. */
export function createSignIn({ show, go }: SignInOptions): SignIn {
  let config: ConsoleConfig = { issuer: '', clientId: '', scope: '', audience: '' };
  let issuer: Promise<OpenId> | null = null;
  let keeper: TokenKeeper | null = null;
  let session: Session | null = null;
  let check: Promise<void> | null = null;

  const askIssuer = () =>
    (issuer ??= import('./open-id')
      .then(({ openOpenId }) => openOpenId(config))
      .catch((error: unknown) => {
        issuer = null; // asked again the next time
        throw error;
      }));

  const leave = (state: SignInState) => {
    keeper?.stop();
    keeper = session = null;
    forgetTokens();
    show(state);
  };
  const signOut = () => {
    const refresh = keptTokens()?.refresh ?? null;
    leave({ is: 'signed-out', config, why: 'You are signed out of this console.' });
    if (refresh !== null)
      void askIssuer()
        .then(({ revoke }) => revoke(refresh))
        .catch(() => undefined); // it ends by itself
  };

  const hear = (news: KeeperNews) => {
    if (news.is === 'ended') {
      leave({ is: 'signed-out', config, why: 'Your sign-in has ended.' });
      return;
    }
    if (news.is === 'renewed') keepTokens(news.tokens);
    if (session) show({ is: 'ready', session, ending: news.is === 'ending' ? news : null });
  };

  /** Lets in whom the API knows by these tokens. */
  const enter = async (ask: Session['token'], token: Session['token']) => {
    try {
      const me = await createBrowserClient({ baseUrl: '/api', token: ask }).whoAmI();
      session = { token, me, signOut };
      show({ is: 'ready', session, ending: null });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 401) throw error;
      const { message } = error;
      if (hasIssuer(config)) leave({ is: 'refused', config, message });
      else leave({ is: 'signed-out', config, why: keptTokens() ? message : '' });
    }
  };

  const open = async (tokens: Tokens) => {
    keeper?.stop();
    keepTokens(tokens);
    const own = createTokenKeeper({
      tokens,
      renew: async (refresh) => (await askIssuer()).renew(refresh),
      tell: hear,
    });
    keeper = own;
    const token = async (refused?: string) => {
      const next = await own.token(refused);
      // One that was refused was renewed once; whether that helped, or the person may do other things
      // now, the API says.
      if (refused !== undefined)
        check ??= enter(() => own.token(), token)
          .catch(() => undefined) // ended or not reached, which is shown already
          .finally(() => (check = null));
      return next;
    };
    await enter((refused) => own.token(refused), token);
  };

  const addressOfIssuer = async () => {
    const here = location.pathname === RETURN_PATH ? '/' : location.pathname + location.search;
    return (await askIssuer()).begin(here);
  };
  const signInUnasked = async (why: string) => {
    if (!mayRedirect(sessionStorage, Date.now())) leave({ is: 'signed-out', config, why });
    // Whoever goes back from the issuer means the page before this one.
    else location.replace(await addressOfIssuer());
  };

  const finish = async () => {
    const address = new URL(location.href);
    go('/'); // what the issuer sent is of use once, and not for the history
    const { finish: take } = await askIssuer();
    try {
      const { tokens, returnTo } = await take(address);
      go(returnTo);
      return tokens;
    } catch (error) {
      leave({ is: 'signed-out', config, why: `Signing in did not work: ${messageOf(error)}` });
      return null;
    }
  };

  const begin = async () => {
    config = await loadConfig();
    const returns = hasIssuer(config) && location.pathname === RETURN_PATH;
    const tokens = returns ? await finish() : keptTokens();
    try {
      if (tokens) await open(tokens);
      // Where nobody has to show a token, none is asked for.
      else if (!hasIssuer(config)) await enter(nothing, nothing);
      else if (!returns) await signInUnasked('');
    } catch (error) {
      if (!(error instanceof CannotRenew)) throw error;
      await signInUnasked('Your sign-in has ended.');
    }
  };
  const orFail = (act: () => Promise<void>) => async () => {
    show({ is: 'starting' });
    await act().catch((error: unknown) => show({ is: 'failed', message: messageOf(error) }));
  };
  return {
    start: orFail(begin),
    signIn: orFail(async () => location.assign(await addressOfIssuer())),
    bring: (token) =>
      orFail(() => open({ access: token, refresh: null, since: 0, endsAt: null }))(),
    stop: () => keeper?.stop(),
  };
}

const nothing = () => Promise.resolve('');

export function hasIssuer({ issuer, clientId }: ConsoleConfig): boolean {
  return issuer !== '' && clientId !== '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
