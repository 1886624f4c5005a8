import { createHttpClient, UpstreamError, type HttpClient } from '@bud-monitoring/client';
import type { AlertReceiver, Log, ReceiverAlert } from '../ports.js';

/** Alerts a request. */
const batchSize = 500;
const timeoutMs = 5000;

/**
 * Posts alerts to each of several Alertmanagers (API v2), as Prometheus does: one cluster of them agrees
 * among its members who notifies. One that fails gets them with the next evaluation.
 */
export function createAlertmanagers(options: {
  urls: readonly string[];
  /** Bearer token. */
  token?: string | undefined;
  log: Log;
  /** Called for each try to reach one. */
  onSent: (outcome: 'taken' | 'failed') => void;
}): AlertReceiver {
  const { urls, token, log, onSent } = options;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const receivers = urls.map((baseUrl) => ({
    baseUrl,
    http: createHttpClient({ upstream: 'alertmanager', baseUrl, headers, timeoutMs }),
  }));
  return {
    async send(alerts, signal) {
      if (alerts.length === 0) return;
      await Promise.all(
        receivers.map(async ({ baseUrl, http }) => {
          try {
            await post(http, alerts, signal);
            onSent('taken');
          } catch (error) {
            signal.throwIfAborted();
            log.warn('Alertmanager did not take the alerts, which are sent again', {
              ...{ receiver: baseUrl, error },
            });
            onSent('failed');
          }
        }),
      );
    },
  };
}

async function post(
  http: HttpClient,
  alerts: readonly ReceiverAlert[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < alerts.length; from += batchSize) {
    const { status, text } = await http.request({
      method: 'POST',
      path: '/api/v2/alerts',
      json: alerts.slice(from, from + batchSize),
      signal,
    });
    if (status !== 200)
      throw new UpstreamError({
        ...{ upstream: 'alertmanager', code: 'bad_answer', status },
        detail: text.slice(0, 200),
      });
  }
}
