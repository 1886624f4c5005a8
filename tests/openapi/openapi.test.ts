import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@bud-monitoring/stack';
import { startSystem } from '../security/support/system.js';
import { findSchemathesis, lint, runTool } from './support/tools.js';

const examples = process.env['OPENAPI_EXAMPLES'] ?? '50';
const services = ['bud-metrics', 'bud-dashboard'] as const;
/** PromQL, selectors, pages and thresholds have rules that no schema can say. */
const unsaid = 'positive_data_acceptance';

/** Streams do not end, and so give no answer to look at. */
const streams = '/stream$|^/streams/';

/** Run by `npm run test:openapi`; OPENAPI_EXAMPLES are those of each operation. */
describe.each(services)('the OpenAPI document of %s', (service) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startSystem({ LOG_LEVEL: 'warn' });
  }, 180_000);
  afterAll(() => stack.stop());

  it('is kept by the service, by all checks of schemathesis', async () => {
    const schemathesis = await findSchemathesis();
    const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    const { url } = stack.app(service);
    const { code, text } = await runTool(schemathesis, [
      ...[
        'run',
        `${url}/openapi.json`,
        '--url',
        url,
        '--checks',
        'all',
        '--exclude-checks',
        unsaid,
      ],
      ...['--max-examples', examples, '--phases', 'examples,coverage,fuzzing'],
      ...['--exclude-path-regex', streams, '--header', `Authorization: Bearer ${token}`],
      ...['--warnings', 'off', '--no-color', '--request-timeout', '40'],
    ]);
    expect(code === 0 ? '' : text.slice(-20_000)).toBe('');
  }, 3_600_000);

  it('has nothing that redocly would change', async () => {
    const { code, text } = await lint(`tests/fixtures/recorded/${service}/openapi.json`);
    expect(code === 0 ? '' : text).toBe('');
  }, 300_000);
});
