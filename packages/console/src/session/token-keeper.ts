import type { Tokens } from './tokens';

/** The issuer takes the refresh token no more, or gave none: only a new sign-in helps. */
export class CannotRenew extends Error {}

/** What the keeper tells of the sign-in; `endsAt` in ms since 1970. */
export type KeeperNews =
  | { is: 'renewed'; tokens: Tokens }
  /** It could not be renewed, and is tried again or not. */
  | { is: 'ending'; endsAt: number; canRenew: boolean }
  | { is: 'ended' };

export interface TokenKeeper {
  /**
   * A token to show, renewed before it ends. With the one that the API refused: another one where a renewal
   * brings one, else the same. Rejects with `CannotRenew` once the sign-in has ended.
   */
  token: (refused?: string) => Promise<string>;
  stop: () => void;
}

interface KeeperOptions {
  tokens: Tokens;
  /** Throws `CannotRenew` where it never will; anything else may pass. */
  renew: (refresh: string) => Promise<Tokens>;
  tell: (news: KeeperNews) => void;
  now?: () => number;
}

const MARGIN_MS = 60_000;
const RETRY_MS = 10_000;
/** Longest time that a timer can be set for, nearly. */
const LONGEST_MS = 2_000_000_000;

/** When to renew: a minute before the end, of a short life a fifth of it. */
export function renewalTime({ since, endsAt }: Tokens): number {
  return endsAt === null ? Infinity : endsAt - Math.min(MARGIN_MS, (endsAt - since) / 5);
}

/** Holds the tokens of a sign-in, and renews them by itself; several who ask at once wait for one renewal. */
export function createTokenKeeper(options: KeeperOptions): TokenKeeper {
  const { renew, tell, now = Date.now } = options;
  let { tokens } = options;
  let renewal: Promise<boolean> | null = null;
  let canRenew = tokens.refresh !== null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const hasEnded = () => tokens.endsAt !== null && now() >= tokens.endsAt;

  const wake = (at: number) => {
    clearTimeout(timer);
    if (stopped || at === Infinity) return;
    timer = setTimeout(() => void look(), Math.min(LONGEST_MS, Math.max(0, at - now())));
  };

  const renewOnce = async (): Promise<boolean> => {
    try {
      tokens = await renew(tokens.refresh ?? '');
      canRenew = tokens.refresh !== null;
      if (!stopped) tell({ is: 'renewed', tokens });
      wake(renewalTime(tokens));
      return true;
    } catch (error) {
      if (error instanceof CannotRenew) canRenew = false;
      return false;
    } finally {
      renewal = null;
    }
  };
  /** Whether there are new tokens. */
  const renewed = async () => canRenew && (await (renewal ??= renewOnce()));

  const look = async (): Promise<void> => {
    if (now() < renewalTime(tokens)) {
      wake(renewalTime(tokens));
      return;
    }
    if ((await renewed()) || stopped || tokens.endsAt === null) return;
    if (hasEnded()) {
      tell({ is: 'ended' });
      return;
    }
    tell({ is: 'ending', endsAt: tokens.endsAt, canRenew });
    wake(canRenew ? Math.min(tokens.endsAt, now() + RETRY_MS) : tokens.endsAt);
  };
  wake(renewalTime(tokens));

  return {
    async token(refused) {
      if (refused === undefined) {
        if (now() >= renewalTime(tokens)) await renewed();
      } else if (refused === tokens.access) await renewed();
      if (!hasEnded()) return tokens.access;
      if (!stopped) tell({ is: 'ended' });
      throw new CannotRenew('The sign-in has ended');
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
