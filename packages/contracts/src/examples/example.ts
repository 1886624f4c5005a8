/** What a route answers and takes, for its documentation. */
export interface ApiExample {
  /** Whole bodies by their status; of a stream one event as it is sent. */
  readonly answers: Readonly<Record<number, unknown>>;
  /** Of a route that takes a body or a form. */
  readonly body?: unknown;
}

/** An answer in its envelope. */
export const answer = (object: string, message: string, data: object) => ({
  object,
  message,
  data,
});

/** An event of a stream. */
export const frame = (event: string, body: object) =>
  `id: rS4Kx0Yc1q9hQm2T\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`;

/** The cluster of the examples. */
export const cluster = {
  cluster_id: '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  name: 'production-east',
} as const;
