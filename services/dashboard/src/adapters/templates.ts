import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { loadTemplates } from '../domain/templates/load.js';
import { parseProductDashboard, type ProductDashboard } from '../domain/templates/product.js';
import { mainTemplate, type Template } from '../domain/templates/template.js';

/** Reads and lints all templates of a folder. Throws when the folder or the main one is missing. */
export async function readTemplates(folder: string): Promise<Template[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const files = names.map(async (name) => ({
    name: basename(name, '.json'),
    text: await readFile(join(folder, name), 'utf8'),
  }));
  const templates = loadTemplates(await Promise.all(files));
  if (templates.some(({ name }) => name === mainTemplate)) return templates;
  throw new Error(`TEMPLATES_DIR holds no ${mainTemplate}.json`);
}

/** Reads the dashboard of the product itself. Throws when it is missing or invalid. */
export async function readProductDashboard(folder: string): Promise<ProductDashboard> {
  const name = join('product', 'bud-monitoring.json');
  try {
    return parseProductDashboard(await readFile(join(folder, name), 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`PRODUCT_DASHBOARD is set, and TEMPLATES_DIR holds no ${name}: ${message}`, {
      cause: error,
    });
  }
}
