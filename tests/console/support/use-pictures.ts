import { mkdtemp, mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Where the pictures go: `npm run pictures:console` names the folder of the docs. */
const wanted = process.env['PICTURES'];
/** As much of a page as a picture of the docs may show, pixels; on a phone less. */
const [usualHeight, phoneHeight] = [940, 800];
const phone = 500;

/** Takes a picture of what a page shows, for the docs: `console-<name>.png`. */
export type TakePicture = (page: Page, name: string, width?: number) => Promise<void>;

/** Pictures of the tests of a file, in the docs or in a folder that is removed after. */
export function usePictures(): TakePicture {
  let folder: string;
  beforeAll(async () => {
    folder = wanted ?? (await mkdtemp(join(tmpdir(), 'pictures-')));
    await mkdir(folder, { recursive: true });
  });
  afterAll(async () => {
    if (wanted === undefined) await rm(folder, { recursive: true });
  });
  return async (page, name, width = 1200) => {
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
    const height = width < phone ? phoneHeight : usualHeight;
    await page.setViewportSize({ width, height });
    const picture = join(folder, `console-${name}.png`);
    await page.screenshot({ path: picture, clip: { x: 0, y: 0, width, height } });
    expect((await stat(picture)).size).toBeLessThan(150_000);
  };
}
