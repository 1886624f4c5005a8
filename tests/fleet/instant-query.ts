/** One series of an instant query's answer. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

/** Asks a Prometheus at `url`; `time` in Unix seconds, now unless told. `more` are further parameters. */
export async function instantQuery(
  url: string,
  query: string,
  time?: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Sample[]> {
  const body = new URLSearchParams({
    ...more,
    query,
    ...(time === undefined ? {} : { time: String(time) }),
  });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (answer.status !== 'success') throw new Error(`${query}: ${answer.error ?? 'no reason'}`);
  return answer.data.result.map(({ metric, value: [, text] }) => ({
    metric,
    value: Number(text.replace('Inf', 'Infinity')),
  }));
}
