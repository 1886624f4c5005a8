import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Tracer } from '@bud-monitoring/client';

/** Spans that are made, and the way to send those that wait. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left; a collector that is away costs a few seconds at most. */
  stop(): Promise<void>;
}

/**
 * Spans by OpenTelemetry, sent as OTLP over HTTP in batches. All else is by its own variables:
 * `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES` ...
 */
export function createTracing(options: {
  service: string;
  version: string;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: spans go to `/v1/traces` below it. */
  endpoint: string;
}): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint}/v1/traces`,
    timeoutMillis: 3000,
  });
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': options.service,
        'service.version': options.version,
      }),
    ),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const spans = provider.getTracer('bud-monitoring', options.version);
  return {
    tracer({ name, kind, parent, attributes }) {
      const span = spans.startSpan(
        name,
        { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes },
        parentContext(parent),
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        end({ name: known, status }) {
          if (known !== undefined) span.updateName(known);
          if (status > 0) span.setAttribute('http.response.status_code', status);
          // A 4xx is the caller's fault, and so an error of whoever asked only.
          if (status === 0 || status >= (kind === 'server' ? 500 : 400))
            span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    stop: () => provider.shutdown().catch(() => undefined),
  };
}

function parentContext(traceparent: string | undefined) {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const traceFlags = Number(`0x${flags ?? '0'}`) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
