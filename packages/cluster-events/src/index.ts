export { namedCluster } from './bud-message.js';
export {
  malformed,
  type ClusterEvent,
  type ClusterEventKind,
  type ReadResult,
} from './cluster-event.js';
export { normalizeName } from './cluster-name.js';
export {
  applyToState,
  mergeStates,
  outrankedBy,
  type ClusterState,
  type EventStamp,
  type Outranking,
} from './cluster-state.js';
export { rawPayload, summarizeMessage, type MessageSummary } from './envelope.js';
export { eventTimeFromMs, eventTimeToMs, type EventTime } from './event-time.js';
export { isObject, parseJson, toBoundedJson } from './json.js';
export { createOutrankedReport, type OutrankedLabels } from './outranked-report.js';
export { eventTopics, readEvent } from './read-event.js';
