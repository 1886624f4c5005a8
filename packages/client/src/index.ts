export { sleep, systemClock, type Clock } from './clock.js';
export { currentContext, runDetached, runInContext, type RequestContext } from './context.js';
export {
  UpstreamError,
  type Upstream,
  type UpstreamErrorCode,
  type UpstreamErrorInit,
} from './errors.js';
export {
  createPolicy,
  type ExecuteOptions,
  type Policy,
  type PolicyOptions,
  type PolicyState,
} from './policy.js';
export {
  createHttp,
  pathSegment,
  type Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from './request.js';
