import { randomUUID } from 'node:crypto';
import { eventTopics } from '@bud-monitoring/cluster-events';
import { formsOf, type Form } from '../../events/support/forms.js';
import type { Random } from './random.js';

/** A message that no service can use, as it is published. */
export interface Poison {
  topic: string;
  body: string | Buffer;
  /** Published raw, so that subscribers get it without the sidecar's envelope. */
  isRaw: boolean;
}

/** Whether a form is of no use now, whatever the clock of the table of forms says. */
function isPoison({ expected, body }: Form): boolean {
  if (expected === 'ignored') return true;
  if (!('refused' in expected)) return false;
  return expected.refused.source !== 'day ahead' || body.includes('2099-');
}

/** Messages of random forms that are refused or ignored; none of them creates a cluster. */
export function makePoison(random: Random): Poison[] {
  return Array.from({ length: random.integer(5, 20) }, () => {
    const forms = Object.values(formsOf(randomUUID())).flat().filter(isPoison);
    const { path = '/events/cluster-created', body } = random.pick(forms);
    const topic = eventTopics[path as keyof typeof eventTopics];
    return { topic, body, isRaw: random.chance(0.5) };
  });
}

/** Publishes one; whether the sidecar has taken it: it refuses some itself, or is down. */
export async function publishPoison(
  sidecar: { url: string; apiToken: string },
  { topic, body, isRaw }: Poison,
): Promise<boolean> {
  const isEvent = !isRaw && String(body).startsWith('{"specversion"');
  const query = isRaw ? '?metadata.rawPayload=true' : '';
  const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/${topic}${query}`, {
    method: 'POST',
    headers: {
      'content-type': isEvent ? 'application/cloudevents+json' : 'application/json',
      'dapr-api-token': sidecar.apiToken,
    },
    body,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok === true;
}
