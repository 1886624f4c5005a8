import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadTemplates } from '../domain/templates/load.js';
import {
  parseProductDashboard,
  type OwnDashboard,
  type ProductDashboard,
} from '../domain/templates/product.js';
import { mainTemplate, type Template } from '../domain/templates/template.js';

/**
 * Reads and lints all templates of a folder; one that cannot be read is as empty. Throws when the folder or
 * the main one is missing.
 */
export async function readTemplates(folder: string): Promise<Template[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const files = names.map(async (name) => ({
    name: basename(name, '.json'),
    text: await readFile(join(folder, name), 'utf8').catch(() => ''),
  }));
  const templates = loadTemplates(await Promise.all(files));
  if (templates.some(({ name }) => name === mainTemplate)) return templates;
  throw new Error(`TEMPLATES_DIR holds no ${mainTemplate}.json`);
}

/** Reads the dashboard of the product itself. Throws when it is missing or invalid. */
export async function readProductDashboard(folder: string): Promise<OwnDashboard> {
  return {
    key: 'product-dashboard',
    plain: await readOwn(folder, 'bud-monitoring', 'PRODUCT_DASHBOARD'),
  };
}

/** Reads the overview of the fleet, with and without recording rules. Throws as above. */
export async function readFleetDashboard(folder: string): Promise<OwnDashboard> {
  const dashboard = await readOwn(folder, 'fleet-recorded', 'FLEET_DASHBOARD');
  return {
    key: 'fleet-dashboard',
    plain: await readOwn(folder, 'fleet', 'FLEET_DASHBOARD'),
    recorded: { series: 'cluster:bud_need:score', dashboard },
  };
}

async function readOwn(folder: string, file: string, setting: string): Promise<ProductDashboard> {
  const name = join('product', `${file}.json`);
  try {
    return parseProductDashboard(await readFile(join(folder, name), 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${setting} is set, and TEMPLATES_DIR holds no ${name}: ${message}`, {
      cause: error,
    });
  }
}
