import type { CallerData } from '@bud-monitoring/contracts';

/** Who is signed in, and what they may see and do: `data` of `GET /me`. */
export type Me = CallerData;

export interface Session {
  /**
   * The token to show, renewed before it ends. After the API refused one it is asked again with that one, to
   * renew it; if the next is refused as well, the session ends with a page that says why.
   */
  token: (refused?: string) => Promise<string>;
  me: Me;
  /** Forgets the tokens, and shows the page to sign in. */
  signOut: () => void;
}
