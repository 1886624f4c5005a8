import { allowedAggregations, allowedFunctions } from '@bud-monitoring/promql';
import { parser } from '@prometheus-io/lezer-promql';

/** How often each node of the grammar and each allowed function was met. */
export class Coverage {
  private readonly counts = new Map<string, number>();

  /** What must be met; `holt_winters` and newer functions each in the dialect that has them. */
  constructor() {
    for (const { name, isError } of parser.nodeSet.types) {
      if (name !== '' && !isError && !unreachable.has(name)) this.counts.set(name, 0);
    }
    for (const name of [...allowedFunctions, ...allowedAggregations])
      this.counts.set(`${name}()`, 0);
  }

  add(query: string): void {
    const types: (typeof parser.nodeSet.types)[number][] = [];
    parser.parse(query).iterate({
      enter: ({ type }) => {
        types.push(type);
      },
    });
    // The grammar lacks a few functions: such a query counts for its functions only.
    const nodes = types.some(({ isError }) => isError) ? [] : types.map(({ name }) => name);
    for (const [, name] of query.matchAll(/\b([a-z\d_]+)(?: (?:by|without) *\([^)]*\))? *\(/gi)) {
      nodes.push(`${name?.toLowerCase() ?? ''}()`);
    }
    for (const node of nodes) {
      const count = this.counts.get(node);
      if (count !== undefined) this.counts.set(node, count + 1);
    }
  }

  /** What was met less often than so many times. */
  rarerThan(times: number): string[] {
    return [...this.counts].filter(([, count]) => count < times).map(([name]) => name);
  }

  /** `name count`, rarest first. */
  toString(): string {
    return [...this.counts]
      .sort((a, b) => a[1] - b[1])
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  }
}

/** The top of another grammar, and the function that is refused. */
const unreachable = new Set(['MetricName', 'Info']);
