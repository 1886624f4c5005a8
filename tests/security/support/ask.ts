import type { Stack } from '@bud-monitoring/stack';
import type { Operation, OperationRequest } from './operations.js';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: Headers;
}

/** How long a stream is listened to (ms): its first figures come at once. */
const listenMs = 400;

/** Where an operation is reached: through the gateway, or at the service where the gateway has none of it. */
export function addressOf(stack: Stack, { permission, service }: Operation): string {
  return permission === null ? stack.app(service).url : `${stack.gateway!.url}/api`;
}

/** Sends a request; of a stream it gives what came in its first moments. */
export async function ask(
  address: string,
  { method, path, headers, body }: OperationRequest,
  authorization?: string,
): Promise<Answer> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { ...headers, ...(authorization !== undefined && { authorization }) },
    ...(body !== undefined && { body }),
  });
  const type = response.headers.get('content-type') ?? '';
  const text = type.startsWith('text/event-stream')
    ? await beginningOf(response)
    : await response.text();
  return { status: response.status, type, text, headers: response.headers };
}

async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const timer = setTimeout(() => void reader.cancel(), listenMs);
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  clearTimeout(timer);
  return text;
}
