export { clusterIdSchema, type ClusterId } from './cluster-id.js';
export { envelope, warningSchema, type Warning } from './envelope.js';
export {
  errorDetailSchema,
  errorSchema,
  errorStatus,
  type ErrorBody,
  type ErrorDetail,
  type ErrorType,
} from './errors.js';
export {
  componentHealthSchema,
  stackHealthSchema,
  type ComponentHealth,
  type StackHealth,
} from './health.js';
export { permissionSchema, type Permission } from './permissions.js';
