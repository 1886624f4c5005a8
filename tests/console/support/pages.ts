import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { ConsoleStack, Who } from './console-stack.js';

export interface Look {
  who?: Who;
  scheme?: 'light' | 'dark';
  /** CSS pixels. */
  width?: number;
  /** The browser's time zone, of the IANA list; the machine's unless told. */
  zone?: string;
}

/** A page of the console, and what went wrong in it: errors of code, and what its policy forbade. */
export interface ConsolePage extends AsyncDisposable {
  page: Page;
  problems: string[];
}

export function startBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Opens a path in a browser profile of its own, and signs somebody in by a token: there is no issuer. */
export async function openConsole(
  browser: Browser,
  { server, tokens }: ConsoleStack,
  path: string,
  { who = 'manager', scheme = 'light', width = 1200 }: Look = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    timezoneId: 'Asia/Kolkata',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    // The browser's own word for an answer that is an error.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      problems.push(text);
  });
  await page.goto(`${server.url}${path}`);
  await page.getByLabel('Token').fill(tokens[who]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

/** What axe finds wrong on a page, by the name of its rule. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`
    axe.run(document, { iframes: false }).then(({ violations }) => violations.flatMap(
      ({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))
  `);
}
