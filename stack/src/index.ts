export { service } from './apps.js';
export type { Identity, TokenClaims } from './identity/identity.js';
export type {
  AppContext,
  AppOptions,
  GrafanaAddress,
  PrometheusOptions,
  RedisAddress,
  RunningApp,
  Stack,
  StackOptions,
} from './options.js';
export { reservePorts, type PortBlock } from './processes/ports.js';
export type { ManagedProcess, ProcessEnd, ProcessOptions } from './processes/process.js';
export { startSupervisor, type Supervisor } from './processes/supervisor.js';
export { findPrograms, type ProgramName, type Programs } from './programs/index.js';
export {
  constant,
  encodeWrite,
  loadSeries,
  ramp,
  sendWrite,
  series,
  type KnownSeries,
  type WrittenSeries,
} from './fleet/index.js';
export type { Sidecar } from './servers/daprd.js';
export type { Gateway } from './servers/gateway.js';
export { startLabelProxy, type LabelProxy } from './servers/label-proxy.js';
export type { PrometheusPaths, PrometheusServer } from './servers/prometheus.js';
export type { RedisServer } from './servers/redis.js';
export type { Server } from './servers/server.js';
export {
  openThanos,
  startQueryFrontend,
  type Thanos,
  type ThanosComponent,
} from './servers/thanos.js';
export { startStack } from './stack.js';
