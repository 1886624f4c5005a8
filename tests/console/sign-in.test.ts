import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Stack } from '@bud-monitoring/stack';
import type { Browser, Page } from 'playwright-core';
import { violationsOf } from './support/pages.js';
import { useStack } from './support/use-stack.js';
import { signedIn, visit, type Visitor } from './support/visitor.js';

const TIMEOUT_MS = 90_000;
let browser: Browser;
let stack: Stack;

useStack((started, its) => {
  [browser, stack] = [started, its];
});
beforeEach(() => {
  const { signIn } = stack.identity;
  Object.assign(signIn, { tokenSeconds: 900, refreshes: true });
  delete signIn.audience;
});

const title = (page: Page, text: string) => page.getByRole('heading', { name: text, level: 1 });
const path = (page: Page) => page.url().slice(stack.gateway!.url.length);
const stored = (page: Page) =>
  page.evaluate<{ tab: string; browser: string }>(
    '({ tab: JSON.stringify(sessionStorage), browser: JSON.stringify(localStorage) + document.cookie })',
  );

/** No token was in an address, a referrer, or what outlives the tab, and the policy refused nothing. */
async function expectDiscreet({ page, addresses, complaints }: Visitor): Promise<void> {
  expect(complaints).toEqual([]);
  expect(addresses.filter((address) => /eyJ|_token=/.test(address))).toEqual([]);
  const { browser: outlives } = await stored(page);
  expect(outlives).not.toContain('eyJ');
}

describe('signing in', () => {
  it(
    'leads to the issuer and back to the page that was asked for',
    async () => {
      await using visitor = await visit(browser, stack);
      const { page } = visitor;
      await visitor.open('/provisioning?status=failed');
      await page.waitForURL(`${stack.identity.issuer}/authorize?*`);
      await visitor.identify('manager', 'not the password');
      await page.getByRole('alert').getByText('not the password').waitFor();
      await visitor.identify('manager');
      await title(page, 'Provisioning').waitFor();
      expect(path(page)).toBe('/provisioning?status=failed');
      await page.getByText('No cluster is like that.').waitFor();
      await expectDiscreet(visitor);
    },
    TIMEOUT_MS,
  );

  it(
    'offers a manager more than a viewer',
    async () => {
      for (const [person, pages] of [
        ['manager', ['Fleet', 'Provisioning', 'Dead letters', 'Health']],
        ['viewer', ['Fleet', 'Provisioning', 'Dead letters']],
      ] as const) {
        await using visitor = await signedIn(browser, stack, person);
        const { page } = visitor;
        const links = page.getByRole('navigation', { name: 'Pages', exact: true });
        expect(await links.getByRole('link').allInnerTexts()).toEqual(pages);
        await page.getByText(person, { exact: true }).waitFor();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'tells a viewer who opens a page of managers by its address',
    async () => {
      await using visitor = await signedIn(browser, stack, 'viewer', '/health');
      await title(visitor.page, 'Not for you').waitFor();
      expect(await visitor.page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'lasts over a reload, and ends with its tab',
    async () => {
      await using visitor = await signedIn(browser, stack, 'manager', '/dead-letters');
      const { page, context, addresses } = visitor;
      addresses.length = 0;
      await page.reload();
      await title(page, 'Dead letters').waitFor();
      expect(addresses.filter((address) => address.startsWith(stack.identity.issuer))).toEqual([]);
      const other = await context.newPage();
      await other.goto(stack.gateway!.url);
      await other.waitForURL(`${stack.identity.issuer}/authorize?*`);
    },
    TIMEOUT_MS,
  );

  it(
    'that the issuer refuses is said in its words, and going back leads to where one was',
    async () => {
      await using visitor = await visit(browser, stack);
      const { page } = visitor;
      await visitor.open('/favicon.svg');
      await visitor.open('/provisioning');
      await page.waitForURL(`${stack.identity.issuer}/authorize?*`);
      const state = new URL(page.url()).searchParams.get('state') ?? '';
      await page.goBack();
      expect(path(page)).toBe('/favicon.svg');
      const answer = new URLSearchParams({
        error: 'access_denied',
        error_description: 'You may not use this client',
        state,
        iss: stack.identity.issuer,
      });
      await visitor.open(`/signed-in?${answer.toString()}`);
      await page.getByText('You may not use this client').waitFor();
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${stack.identity.issuer}/authorize?*`);
      await page.goBack();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
    },
    TIMEOUT_MS,
  );

  it(
    'is not done by an address that somebody else made',
    async () => {
      await using visitor = await visit(browser, stack);
      const { page } = visitor;
      await visitor.open('/signed-in?code=stolen&state=guessed');
      await page.getByText('Signing in did not work').waitFor();
      expect(path(page)).toBe('/');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await visitor.identify('viewer');
      await title(page, 'Fleet').waitFor();
    },
    TIMEOUT_MS,
  );
});

describe('a sign-in', () => {
  it(
    'is renewed before it ends, and nobody notices',
    async () => {
      stack.identity.signIn.tokenSeconds = 4;
      await using visitor = await signedIn(browser, stack, 'manager', '/dead-letters');
      const { page, addresses } = visitor;
      const statuses: number[] = [];
      page.on('response', (response) => {
        if (response.url().includes('/api/')) statuses.push(response.status());
      });
      await page.waitForTimeout(9000);
      await page.getByRole('link', { name: 'Provisioning' }).click();
      await page.getByText('No cluster was announced yet.').waitFor();
      const renewals = addresses.filter((one) => one === `${stack.identity.issuer}/token`);
      expect(renewals.length).toBeGreaterThanOrEqual(3);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      await expectDiscreet(visitor);
    },
    TIMEOUT_MS,
  );

  it(
    'that cannot be renewed says when it ends, and then asks for another, on the same page',
    async () => {
      Object.assign(stack.identity.signIn, { tokenSeconds: 15, refreshes: false });
      await using visitor = await signedIn(browser, stack, 'viewer', '/provisioning');
      const { page } = visitor;
      await page.getByText(/Your sign-in ends at/).waitFor({ timeout: 20_000 });
      expect(await violationsOf(page)).toEqual([]);
      await page.getByText('Your sign-in has ended.').waitFor();
      expect((await stored(page)).tab).not.toContain('eyJ');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await visitor.identify('viewer');
      await title(page, 'Provisioning').waitFor();
      expect(path(page)).toBe('/provisioning');
    },
    TIMEOUT_MS,
  );

  it(
    'whose issuer is away says so, and goes on when it is back',
    async () => {
      stack.identity.signIn.tokenSeconds = 30;
      await using visitor = await signedIn(browser, stack, 'manager', '/provisioning');
      const { page } = visitor;
      await page.route(`${stack.identity.issuer}/**`, (route) => route.abort());
      await page.getByText('The issuer does not answer').waitFor({ timeout: 40_000 });
      await title(page, 'Provisioning').waitFor();
      await page.unroute(`${stack.identity.issuer}/**`);
      await page.getByText('The issuer does not answer').waitFor({
        state: 'detached',
        timeout: 20_000,
      });
      expect(await title(page, 'Provisioning').isVisible()).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'that the API does not take is said with issuer and audience, and not tried for ever',
    async () => {
      stack.identity.signIn.audience = 'another-api';
      await using visitor = await visit(browser, stack);
      const { page, addresses } = visitor;
      await visitor.open();
      await visitor.identify('manager');
      await title(page, 'The API does not take this sign-in').waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByText(stack.identity.issuer).waitFor();
      await page.getByText('bud-monitoring', { exact: true }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      const visits = addresses.filter((one) => one.includes('/authorize?'));
      expect(new Set(visits).size).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'that the API takes no more is renewed once, and then ends with the reason',
    async () => {
      await using visitor = await signedIn(browser, stack, 'manager', '/provisioning');
      const { page, addresses } = visitor;
      await page.getByText('No cluster was announced yet.').waitFor();
      addresses.length = 0;
      const refusal = {
        status: 401,
        json: {
          object: 'error',
          code: 401,
          type: 'UnauthorizedError',
          message: 'The token is missing or wrong',
          request_id: 'r',
        },
      };
      await page.route('**/api/**', (route) => route.fulfill(refusal));
      await page.getByRole('link', { name: 'Dead letters' }).click();
      await title(page, 'The API does not take this sign-in').waitFor();
      expect(addresses.filter((one) => one.endsWith('/token'))).toHaveLength(1);
      expect(addresses.filter((one) => one.includes('/authorize'))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'outlives services that restart',
    async () => {
      await using visitor = await signedIn(browser, stack, 'manager', '/dead-letters');
      const { page } = visitor;
      const { process: dashboard } = stack.app('bud-dashboard');
      await dashboard!.stop();
      await page.getByRole('link', { name: 'Provisioning' }).click();
      await page.getByRole('alert').getByText('502').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      await dashboard!.start();
      await page.getByText('No cluster was announced yet.').waitFor({ timeout: 30_000 });
      expect(visitor.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'ends by its button, and is not taken up again by itself',
    async () => {
      await using visitor = await signedIn(browser, stack, 'manager');
      const { page } = visitor;
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out of this console.').waitFor();
      expect(await violationsOf(page)).toEqual([]);
      expect((await stored(page)).tab).not.toContain('eyJ');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await visitor.identify('viewer');
      await page.getByText('viewer', { exact: true }).waitFor();
    },
    TIMEOUT_MS,
  );
});

describe('a gateway without an issuer for the console', () => {
  const config = { issuer: '', client_id: '', scope: '', audience: 'bud-monitoring' };
  const without = async () => {
    const visitor = await visit(browser, stack);
    await visitor.page.route('**/console.json', (route) => route.fulfill({ json: config }));
    return visitor;
  };

  it(
    'takes a token that somebody brings, if the API does',
    async () => {
      await using visitor = await without();
      const { page } = visitor;
      await visitor.open('/provisioning');
      await page.getByLabel('Token').waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await page.getByLabel('Token').fill('not.a.token');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').getByText('token').waitFor();
      const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await title(page, 'Provisioning').waitFor();
      await expectDiscreet(visitor);
    },
    TIMEOUT_MS,
  );

  it(
    'asks for none where the API wants none',
    async () => {
      await using visitor = await without();
      const { page } = visitor;
      const me = {
        subject: 'anonymous',
        kind: 'anonymous-off',
        permissions: ['cluster:manage'],
        clusters: null,
        namespaces: null,
        expires_at: null,
      };
      await page.route('**/api/me', (route) => route.fulfill({ json: { data: me } }));
      await visitor.open();
      await page.getByText('anonymous', { exact: true }).waitFor();
      expect(visitor.addresses.filter((one) => one.includes('/authorize'))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

it(
  'says what is wrong where the gateway does not answer, and tries again',
  async () => {
    await using visitor = await visit(browser, stack);
    const { page } = visitor;
    await page.route('**/console.json', (route) => route.abort());
    await visitor.open();
    await title(page, 'The console cannot start').waitFor();
    await page.unroute('**/console.json');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(`${stack.identity.issuer}/authorize?*`);
    expect(await page.getByLabel('Password').isVisible()).toBe(true);
  },
  TIMEOUT_MS,
);
