export { readBudMessage } from './bud-message.js';
export { eventData, isObject, parseJson } from './cloud-event.js';
export {
  malformed,
  readClusterEvent,
  type ClusterEvent,
  type ClusterEventKind,
  type ReadResult,
} from './cluster-event.js';
export { eventTimeFromMs, eventTimeToMs, type EventTime } from './event-time.js';
export { readRegistryEvent, type RegistryEvent, type RegistryEventKind } from './registry-event.js';
