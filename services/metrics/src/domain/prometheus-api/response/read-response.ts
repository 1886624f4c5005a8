import type { ApiResponse } from './api-response.js';

/** The store's response is not what its API defines. */
export class InvalidUpstreamResponse extends Error {
  override readonly name = 'InvalidUpstreamResponse';
}

/** The `data` of a successful response; throws `InvalidUpstreamResponse` for any other. */
export async function dataOf(response: ApiResponse): Promise<unknown> {
  const { data } = (await jsonOf(response)) as { data?: unknown };
  if (response.status === 200) return data;
  throw new InvalidUpstreamResponse(`The store answered ${response.status}`);
}

/** The JSON object of a response, whatever its status; throws `InvalidUpstreamResponse`. */
export async function jsonOf({ body }: ApiResponse): Promise<object> {
  const chunks: Buffer[] = [];
  if (Buffer.isBuffer(body)) chunks.push(body);
  else for await (const chunk of body) chunks.push(chunk);
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // thrown below
  }
  throw new InvalidUpstreamResponse('The store answered what is no JSON object');
}

/** The response with its data mapped; an error is left as it is, since it holds no data. */
export async function mapData(
  response: ApiResponse,
  map: (data: unknown) => unknown,
): Promise<ApiResponse> {
  if (response.status !== 200) return response;
  const data = (await dataOf(response)) ?? {};
  try {
    const body = JSON.stringify({ status: 'success', data: map(data) });
    return { ...response, body: Buffer.from(body) };
  } catch (error) {
    throw new InvalidUpstreamResponse('The store answered data of another form', { cause: error });
  }
}
