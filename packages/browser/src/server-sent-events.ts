/** One event of a stream, as its text has it. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** What a stream said last: where it stood, and how long to wait before it is asked again (ms). */
export interface StreamPosition {
  lastId: string | undefined;
  retryMs: number;
}

/** Three heartbeats of the service, ms: a connection that is silent for so long is dead, whatever TCP says. */
const silence = 45_000;

/**
 * Reads the events of a response, and notes ids and waits in `position`. Ends with the response, or when nothing came
 * for too long.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  position: StreamPosition,
  silenceMs = silence,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const timer = setTimeout(() => void reader.cancel().catch(() => undefined), silenceMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = readBlock(block, position);
        if (event !== null) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Null for a block without data, as a comment. */
function readBlock(block: string, position: StreamPosition): ServerSentEvent | null {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') position.lastId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) position.retryMs = Number(value);
  }
  return data.length === 0 ? null : { event, data: data.join('\n') };
}
