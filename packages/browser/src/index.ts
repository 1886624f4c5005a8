export { ApiError, type ApiErrorType } from './api-error.js';
export { createBrowserClient, type BrowserClient, type RequestOptions } from './client.js';
export type { ConnectionOptions } from './connection.js';
export { createHealth, type BrowserHealth, type HealthOfService } from './health.js';
export { pages } from './pages.js';
export { createStreams, type BrowserStreams, type StreamEvent } from './streams.js';
