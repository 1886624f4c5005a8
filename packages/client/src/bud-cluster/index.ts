export { createBudClusterClient, type BudClusterOptions } from './client.js';
export type { BudClusterClient, BudClusterNode, NodeEvent } from './types.js';
