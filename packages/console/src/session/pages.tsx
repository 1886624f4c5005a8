import type { ComponentChildren } from 'preact';
import type { ConsoleConfig } from './config';
import { useTitle } from '../parts/hooks/use-title';
import './session.css';

/** A page before anybody is signed in. */
export function SignInPage(props: { title: string; text?: string; children?: ComponentChildren }) {
  useTitle(props.title);
  return (
    <main class="sign-in">
      <img src="/favicon.svg" alt="" width="40" height="40" />
      <h1>{props.title}</h1>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.children}
    </main>
  );
}

/** For gateways without an issuer of their own: a token that came another way. */
export function TokenForm(props: { fault: string; onToken: (token: string) => void }) {
  return (
    <SignInPage
      title="Bud Monitoring"
      text="No issuer is configured for this console. It takes a token that the API takes, until this tab is closed."
    >
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string') props.onToken(token.trim());
        }}
      >
        <label>
          Token
          <input class="field" name="token" type="password" autocomplete="off" required />
        </label>
        <button class="button button-primary">Sign in</button>
        <p class="sign-in-fault" role="alert">
          {props.fault}
        </p>
      </form>
    </SignInPage>
  );
}

/** Why the API may not take what the issuer gives; a redirect would only lead back here. */
export function RefusedPage(props: {
  config: ConsoleConfig;
  message: string;
  onSignIn: () => void;
}) {
  const { issuer, audience, clientId } = props.config;
  return (
    <SignInPage
      title="The API does not take this sign-in"
      text={`${props.message}. The issuer and the API do not agree about what a token must say:`}
    >
      <dl class="sign-in-facts">
        <dt>Issuer</dt>
        <dd>
          <code>{issuer || 'none'}</code>
        </dd>
        <dt>Audience that the API wants</dt>
        <dd>
          <code>{audience || 'not told'}</code>
        </dd>
        <dt>Client</dt>
        <dd>
          <code>{clientId || 'none'}</code>
        </dd>
      </dl>
      <button type="button" class="button button-primary" onClick={props.onSignIn}>
        Sign in again
      </button>
    </SignInPage>
  );
}

/** A line above every page while the sign-in cannot be renewed. */
export function EndingNotice(props: { endsAt: number; canRenew: boolean; onSignIn: () => void }) {
  const time = new Date(props.endsAt).toLocaleTimeString();
  return (
    <p class="sign-in-notice" role="status">
      {props.canRenew
        ? `The issuer does not answer: the sign-in could not be renewed yet, and ends at ${time}.`
        : `Your sign-in ends at ${time}.`}
      <button type="button" class="button button-small" onClick={props.onSignIn}>
        Sign in again
      </button>
    </p>
  );
}
