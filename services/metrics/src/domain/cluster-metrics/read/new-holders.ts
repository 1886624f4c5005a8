import { escapeRegex, type LabelMatcher } from '@bud-monitoring/promql';
import type { Labels, MetricSource } from '../../../ports.js';
import { addressOf } from '../../nodes/address.js';
import type { HeldSince } from '../../nodes/read-inventory.js';
import { figuresOfInstant, mergedFigures } from '../../promql/figures-at.js';
import { runQueries } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import { resolveBlocks } from '../../time-base/blocks/resolve-blocks.js';
import type { SampledTargets } from '../../time-base/read-samples.js';
import { planPart } from '../plan/means.js';
import { targetFigures } from '../plan/targets.js';
import type { Block } from './blocks.js';
import type { ReadRequest } from './request.js';

/** No mean over less than this (seconds). */
const shortest = 60;

/**
 * Blocks in which an address changed hands say of it what its present holder did: they are read once more from
 * then on, for those addresses alone. None is, where no address changed hands.
 */
export async function withNewHolders(
  source: MetricSource,
  request: ReadRequest & { blocks: readonly Block[]; newest: SampledTargets; since: HeldSince },
): Promise<Block[]> {
  const { blocks, since } = request;
  const renewed = blocks.map(async (block) => {
    const { start, end } = block.range;
    const hosts = new Map<string, number>();
    for (const targets of block.targets.values())
      for (const { metric } of targets) {
        const time = since(instanceOf(metric));
        if (time > start && time <= end - shortest) hosts.set(addressOf(instanceOf(metric)), time);
      }
    return hosts.size === 0 ? block : renew(source, request, block, hosts);
  });
  return Promise.all(renewed);
}

async function renew(
  source: MetricSource,
  request: ReadRequest & { newest: SampledTargets },
  block: Block,
  hosts: ReadonlyMap<string, number>,
): Promise<Block> {
  const { selection, newest, signal } = request;
  const range = { start: Math.max(...hosts.values()), end: block.range.end };
  const probe = { ...request.probe, scope: ofHosts(request.probe.scope, [...hosts.keys()]) };
  const { instant, failures } = await runQueries(
    source,
    planPart(probe, selection, range).queries,
    signal,
  );
  if (failures.length > 0) return block;
  const renewed = figuresOfInstant(instant);
  const { blocks } = await resolveBlocks(source, {
    scope: probe.scope,
    figuresOf: targetFigures(probe, selection),
    blocks: [{ range, figures: renewed }],
    newest,
    semantics: probe.semantics,
    signal,
  });
  const isOther = (metric: Labels) => !hosts.has(addressOf(instanceOf(metric)));
  const [own = new Map<string, never>()] = blocks;
  return {
    ...block,
    renewed: new Set(hosts.keys()),
    targets: new Map(
      [...block.targets].map(([id, targets]) => [
        id,
        [...targets.filter(({ metric }) => isOther(metric)), ...(own.get(id) ?? [])],
      ]),
    ),
    figures: mergedFigures(block.figures, renewed, isOther),
  };
}

const instanceOf = (metric: Labels) => metric['instance'] ?? '';

/** The series of some addresses, at whatever port. */
function ofHosts(scope: Scope, hosts: readonly string[]): Scope {
  const value = hosts.map((host) => `\\[?${escapeRegex(host)}\\]?(:[0-9]+)?`).join('|');
  const matcher: LabelMatcher = { label: 'instance', op: '=~', value };
  return {
    ...scope,
    select: (name, ...others) => scope.select(name, matcher, ...others),
    selectAny: (names, ...others) => scope.selectAny(names, matcher, ...others),
  };
}
