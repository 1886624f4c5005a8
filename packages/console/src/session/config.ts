/** What the gateway tells the page (`/console.json`); an empty text for what there is not. */
export interface ConsoleConfig {
  /** Who signs users in, as which client. Without both they bring a token. */
  issuer: string;
  clientId: string;
  scope: string;
  /** Whom the API wants tokens to be for. */
  audience: string;
}

/** Where the issuer sends the browser back to. */
export const RETURN_PATH = '/signed-in';

/** Asks the gateway; throws where it does not answer. */
export async function loadConfig(): Promise<ConsoleConfig> {
  const response = await fetch('/console.json');
  if (!response.ok) throw new Error(`/console.json has status ${response.status}`);
  const told = (await response.json()) as Record<string, string | undefined>;
  const { issuer = '', client_id: clientId = '', scope = '', audience = '' } = told;
  return { issuer, clientId, scope, audience };
}
