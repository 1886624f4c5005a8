import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const atRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The checkout. */
export const ROOT = atRoot('');

/** Dapr resources of the product: components, subscriptions, resiliency. */
export const RESOURCES = atRoot('components');

/** Dapr configuration of every sidecar. */
export const DAPR_CONFIG = atRoot('components/config.yaml');

/** The built console. */
export const CONSOLE = atRoot('packages/console/dist');

/** Where the JavaScript that a service runs is built: its own, and that of the packages. */
export const builtCode = (name: 'metrics' | 'dashboard') => [
  atRoot(`services/${name}/dist`),
  ...readdirSync(atRoot('packages')).map((one) => atRoot(`packages/${one}/dist`)),
];

/** The built entry point of a service. */
export const serviceMain = (name: 'metrics' | 'dashboard') =>
  atRoot(`services/${name}/dist/main.js`);
