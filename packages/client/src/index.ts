export { sleep, systemClock, type Clock } from './clock.js';
export { currentContext, runDetached, runInContext, type RequestContext } from './context.js';
export { startSpan, useTracer, type Span, type SpanStart, type Tracer } from './tracing.js';
export {
  UpstreamError,
  type Upstream,
  type UpstreamErrorCode,
  type UpstreamErrorInit,
} from './errors.js';
export {
  createResiliencePolicy,
  type ExecuteOptions,
  type ResiliencePolicy,
  type ResiliencePolicyOptions,
  type CircuitBreakerState,
} from './resilience/policy.js';
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpResponse,
} from './http/http-client.js';
export { pathSegment } from './http/url.js';
