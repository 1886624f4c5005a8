import type { Stack } from '@bud-monitoring/stack';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Look } from './pages.js';

/** Somebody at the console, with a browser's profile of their own. */
export interface Visitor extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of: errors of scripts, and what the policy refused. */
  complaints: string[];
  /** Every address that was asked for, and every request's `Referer`. */
  addresses: string[];
  /** Opens a path of the console. */
  open: (path?: string) => Promise<void>;
  /** Shows who one is, at the issuer's page, which must be open. */
  identify: (person: 'manager' | 'viewer', password?: string) => Promise<void>;
}

/** Opens a browser's profile; nothing is in it yet. */
export async function visit(
  browser: Browser,
  stack: Stack,
  { scheme = 'light', width = 1200, zone }: Look = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 800 },
    ...(zone !== undefined && { timezoneId: zone }),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const addresses: string[] = [];
  page.on('console', (message) => {
    // A status of an answer is told on the page.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded');
    if (message.type() === 'error' && !isStatus) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) =>
    addresses.push(request.url(), request.headers()['referer'] ?? ''),
  );
  return {
    page,
    context,
    complaints,
    addresses,
    open: async (path = '/') => {
      await page.goto(`${stack.gateway!.url}${path}`);
    },
    async identify(person, password = stack.identity.signIn.password) {
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: person }).click();
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Somebody who is signed in, at a path of the console. */
export async function signedIn(
  browser: Browser,
  stack: Stack,
  person: 'manager' | 'viewer',
  path = '/',
  look?: Look,
): Promise<Visitor> {
  const visitor = await visit(browser, stack, look);
  await visitor.open(path);
  await visitor.identify(person);
  await visitor.page.getByRole('button', { name: 'Sign out' }).waitFor();
  return visitor;
}
