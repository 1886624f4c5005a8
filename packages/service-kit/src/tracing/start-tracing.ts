import { useTracer } from '@bud-monitoring/client';

/**
 * Makes and sends the spans of this process where `traces` says to whom; gives the way to stop. The
 * libraries are loaded then only.
 */
export async function startTracing(options: {
  service: string;
  version: string;
  traces: { readonly endpoint: string } | null;
}): Promise<() => Promise<void>> {
  const { service, version, traces } = options;
  if (traces === null) return () => Promise.resolve();
  const { createTracing } = await import('./opentelemetry.js');
  const tracing = createTracing({ service, version, endpoint: traces.endpoint });
  useTracer(tracing.tracer);
  return () => tracing.stop();
}
