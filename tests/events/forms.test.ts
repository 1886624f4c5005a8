import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formsOf, now, type Form } from './support/forms.js';
import { startBothServices, type BothServices, type EventService } from './support/services.js';

let services: BothServices;
beforeAll(async () => {
  services = await startBothServices(now);
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
});

/** Delivers to one service; its answer, the reasons it logged, and whether it knows a new cluster. */
async function deliverTo(
  service: EventService,
  { path = '/events/cluster-created', body, headers }: Form,
) {
  const before = { clusters: service.clusters().length, lines: service.log.length };
  const status = await service.deliver(path, body, headers);
  const reasons = service.log
    .slice(before.lines)
    .flatMap(({ topic, reason }) => (topic === undefined ? [] : reason));
  return { status, reasons, isNew: service.clusters().length > before.clusters };
}

/** What comes of a form in any service. */
function outcomeOf({ expected }: Form) {
  if (expected === 'ignored') return { status: 'SUCCESS', reasons: [], isNew: false, known: null };
  if ('refused' in expected) {
    const reasons = [expect.stringMatching(expected.refused) as unknown];
    return { status: 'DROP', reasons, isNew: false, known: null };
  }
  const known = expect.objectContaining({ living: true, ...expected }) as unknown;
  return { status: 'SUCCESS', reasons: [], isNew: true, known };
}

const groups = Object.entries(formsOf(randomUUID())) as [
  keyof ReturnType<typeof formsOf>,
  Form[],
][];

describe.each(groups)('both services read alike: %s', (group, forms) => {
  it.each(forms.map(({ what }, index) => [what, index] as const))('%s', async (_what, index) => {
    const id = randomUUID();
    const form = formsOf(id)[group][index]!;
    for (const service of services.all) {
      const result = await deliverTo(service, form);
      expect({ ...result, known: service.known(id) }).toEqual(outcomeOf(form));
    }
  });
});
