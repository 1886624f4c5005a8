import { UpstreamError } from '@bud-monitoring/client';
import { runComponentChecks } from '@bud-monitoring/service-kit';
import { describe, expect, it } from '@jest/globals';
import { createBudClusterCheck } from './bud-cluster-health.js';

type Answer = 'nodes' | UpstreamError['code'];

/** The status of bud-cluster after each of these answers. */
async function statusesOf(...answers: Answer[]): Promise<(string | undefined)[]> {
  let answer: Answer | undefined;
  const check = createBudClusterCheck({
    nodes: () =>
      answer === 'nodes'
        ? Promise.resolve([])
        : Promise.reject(new UpstreamError({ upstream: 'bud-cluster', code: answer! })),
  });
  const statuses = [];
  for (answer of answers) {
    const { budCluster } = await runComponentChecks({ budCluster: check });
    statuses.push(budCluster?.status);
  }
  return statuses;
}

describe('bud-cluster', () => {
  it.each<[answers: Answer[], statuses: string[]]>([
    [
      ['unreachable', 'timeout'],
      ['unknown', 'unknown'],
    ],
    [
      ['unreachable', 'nodes', 'unreachable'],
      ['unknown', 'healthy', 'unhealthy'],
    ],
    [
      ['bad_answer', 'timeout'],
      ['unhealthy', 'unhealthy'],
    ],
  ])('that answers by %j is %j', async (answers, statuses) => {
    expect(await statusesOf(...answers)).toEqual(statuses);
  });

  it('is unknown, not unhealthy, where looking for it takes longer than a check may', async () => {
    const check = createBudClusterCheck(
      {
        nodes: (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new UpstreamError({ upstream: 'bud-cluster', code: 'cancelled' }));
            });
          }),
      },
      { patienceMs: 20 },
    );
    const { budCluster } = await runComponentChecks({ budCluster: check }, { deadlineMs: 2000 });
    expect(budCluster?.status).toBe('unknown');
  });
});
