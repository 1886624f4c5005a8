import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import asyncApiSchemas from '@asyncapi/specs';
import { parseAllDocuments } from 'yaml';

interface AsyncApi {
  operations: Record<string, { action: string }>;
  channels: Record<string, { address: string }>;
}
const document = JSON.parse(readFileSync('docs/asyncapi.json', 'utf8')) as AsyncApi;

it('the AsyncAPI document is valid by the schema of AsyncAPI 3', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.validate(asyncApiSchemas.schemasWithoutId['3.0.0'] as object, document);
  expect(ajv.errors ?? []).toEqual([]);
});

it('the AsyncAPI document has the topics that the services subscribe to', () => {
  const heard = parseAllDocuments(readFileSync('components/subscriptions.yaml', 'utf8')).map(
    (one) => (one.toJS() as { spec: { topic: string } }).spec.topic,
  );
  const received = Object.entries(document.operations).flatMap(([topic, { action }]) =>
    action === 'receive' ? [topic] : [],
  );
  // These two carry what others define.
  const foreign = ['budAppMessages', 'cluster-events-dead-letter'];
  expect(received.sort()).toEqual(
    [...new Set(heard)].filter((one) => !foreign.includes(one)).sort(),
  );
});
