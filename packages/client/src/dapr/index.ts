export { createDapr, type DaprOptions } from './dapr.js';
export { createSecretReader, type SecretReader } from './secrets.js';
export type {
  Dapr,
  InvokeRequest,
  InvokeResponse,
  PublishOptions,
  SaveOptions,
  SidecarMetadata,
  StateEntry,
  StateStore,
} from './types.js';
