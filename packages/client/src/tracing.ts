/** A piece of work in a trace. */
export interface Span {
  /** W3C `traceparent` for what is done on its behalf. */
  readonly traceparent: string;
  /** Its name once it is known (a route); the status of the answer, or 0 where none came. */
  end(outcome: { name?: string; status: number }): void;
}

export interface SpanStart {
  readonly name: string;
  /** `server` for a request that came in, `client` for one that goes out. */
  readonly kind: 'server' | 'client';
  /** `traceparent` of what it is done for; none begins a trace. */
  readonly parent: string | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** Makes spans. */
export type Tracer = (start: SpanStart) => Span;

let tracer: Tracer | undefined;

/** Sets what makes the spans of this process; without one there are none, and they cost nothing. */
export function useTracer(own: Tracer | undefined): void {
  tracer = own;
}

/** Starts a span; undefined where nobody wants any. */
export function startSpan(start: () => SpanStart): Span | undefined {
  return tracer?.(start());
}
