export { type AuthConfig, type AuthJwt, type AuthOff } from './auth/auth-config.js';
export {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
} from './auth/authenticator.js';
export { maxHeaderBytes } from './run/http-server.js';
export { maySeeCluster, namespacesOf, type Caller } from './auth/caller.js';
export {
  commonConfig,
  commonEnv,
  envPort,
  type CommonConfig,
  type CommonValues,
} from './config/common-env.js';
export { describeConfig, type ConfigRow } from './config/describe-config.js';
export {
  envAddress,
  envBoolean,
  envDuration,
  envFolder,
  envHeaderText,
  envInteger,
  envList,
  envNumber,
  envText,
  envTimeout,
  envUrl,
  envUrls,
  envUser,
} from './config/env-types.js';
export { ConfigError, readConfig } from './config/read-config.js';
export { readStoredSecrets } from './config/secret-store.js';
export type { ConfigProblem } from './config/config-problem.js';
export { prometheusAccess, prometheusEnv, type PrometheusAccess } from './config/prometheus-env.js';
export {
  defineCron,
  defineSubscription,
  type CronRoute,
  type DaprRoute,
  type DeliveryContext,
  type DeliveryStatus,
  type SubscriptionRoute,
} from './dapr/dapr-route.js';
export { runComponentChecks, type ComponentCheck } from './health/component-checks.js';
export type { HealthSource } from './health/health-routes.js';
export { observeSidecar } from './health/sidecar-check.js';
export {
  createStateStoreProbe,
  missingOfReplica,
  type StateStoreProbe,
} from './health/state-store-probe.js';
export { ApiError, type ApiErrorOptions } from './http/errors/api-error.js';
export { prometheusErrors, type ErrorFormat } from './http/errors/error-format.js';
export { readForm } from './http/request/read-form.js';
export {
  defineRawRoute,
  defineRoute,
  type Method,
  type RawRouteDefinition,
  type Route,
  type RouteAnswer,
  type RouteContext,
  type RouteDefinition,
  type RouteParams,
} from './http/route.js';
export { createServiceApp, type ServiceApp, type ServiceAppOptions } from './http/service-app.js';
export { toApiError, type ToApiErrorOptions } from './http/errors/to-api-error.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './log/logger.js';
export { createSparingLog } from './log/sparing-log.js';
export type { Lifecycle } from './run/lifecycle.js';
export { runProgram, type Program } from './run/run-program.js';
export {
  runService,
  type ProcessPort,
  type RunningService,
  type RunServiceOptions,
} from './run/run-service.js';
export { whoAmIRoute } from './http/who-am-i.js';
