/** What a sign-in has brought. Times are milliseconds since 1970. */
export interface Tokens {
  /** Shown to the API. */
  access: string;
  /** For one renewal; null where the issuer gives none. */
  refresh: string | null;
  since: number;
  /** When the access token ends; null where nobody said. */
  endsAt: number | null;
}

const KEY = 'bud-monitoring.tokens';

/** The tokens of this tab: a reload finds them, another tab or a later one does not. */
export function keptTokens(): Tokens | null {
  const text = sessionStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Tokens);
}

export function keepTokens(tokens: Tokens): void {
  sessionStorage.setItem(KEY, JSON.stringify(tokens));
}

export function forgetTokens(): void {
  sessionStorage.removeItem(KEY);
}
