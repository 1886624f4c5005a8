/** The arrows of the house (CONTRIBUTING.md, "The map"). Any other import fails the build. */
const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

/** Rooms of bud-metrics' domain. */
const rooms = (names) => `^services/metrics/src/domain/(${names})/`;
const features = 'cluster-metrics|node-metrics|fleet|alerts|prometheus-api';

module.exports = {
  forbidden: [
    never('no-circular', {}, { circular: true }, 'A cycle means two files are one thing.'),
    never(
      'contracts-import-nothing',
      { path: '^packages/contracts/src' },
      { path: '^(packages/(?!contracts)|services|stack)' },
      'Contracts are what crosses a wire; they know zod and nothing else.',
    ),
    never(
      'promql-is-pure',
      { path: '^packages/promql/src', pathNot: '\\.test\\.ts$' },
      { path: '^(packages/(?!promql)|services|stack)', dependencyTypesNot: ['npm'] },
      'PromQL is a pure module.',
    ),
    never(
      'cluster-events-is-pure',
      { path: '^packages/cluster-events/src', pathNot: '\\.test\\.ts$' },
      {
        path: '^(packages/(?!cluster-events|contracts)|services|stack|tests)|node_modules/(?!zod/)',
      },
      'How an event is read depends on the contracts alone.',
    ),
    never(
      'client-stays-below',
      { path: '^packages/client/src' },
      { path: '^(packages/service-kit|services|stack|tests)|node_modules/express' },
      'A client must not drag Express or a service in.',
    ),
    never(
      'browser-client-is-small',
      { path: '^packages/browser/src', pathNot: '\\.test\\.ts$' },
      { path: '^(packages/(?!browser|contracts)|services|stack|tests)|node_modules/(?!zod/)' },
      'Who only wants a page gets neither Dapr nor Node.',
    ),
    never(
      'console-asks-the-api-alone',
      { path: '^packages/console/src', pathNot: '\\.test\\.ts$' },
      {
        path: '^(services|stack|tests|packages/(?!console|contracts|browser))',
      },
      'The console is a page: it knows the API by the client of a browser.',
    ),
    never(
      'console-takes-types-of-contracts',
      { path: '^packages/console/src' },
      { path: '^packages/contracts', dependencyTypesNot: ['type-only'] },
      'The schemas of zod are larger than the console.',
    ),
    never(
      'nobody-imports-the-console',
      { path: '^(services|stack|packages/(?!console))' },
      { path: '^packages/console' },
      'It is static files.',
    ),
    never(
      'kit-stays-below',
      { path: '^packages/service-kit/src' },
      { path: '^(services|stack)' },
      'The kit serves both services and knows neither.',
    ),
    never(
      'services-apart',
      { path: '^services/([^/]+)/' },
      { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
      'A service reaches another through packages/client.',
    ),
    never(
      'services-know-no-stack',
      { path: '^services/' },
      { path: '^(stack|tests)/' },
      'What runs the product is not part of it.',
    ),
    never(
      'stack-knows-only-settings',
      { path: '^stack/' },
      { path: '^services/', pathNot: '^services/[^/]+/src/config\\.ts$' },
      'The stack runs the services as processes; of their code it needs the names of their settings.',
    ),
    never(
      'domain-is-pure',
      { path: '^services/[^/]+/src/domain/', pathNot: '\\.test\\.ts$' },
      {
        path: '^(packages/client|packages/service-kit|services/[^/]+/src/(http|adapters|compose|main|config))|node_modules/(express|axios|@dapr|winston|prom-client)',
      },
      'The domain asks for ports; it knows no Express, Dapr, axios or logger.',
    ),
    never(
      'scoped-api-one-way',
      { path: '^services/metrics/src/domain/prometheus-api/(request|upstream)/' },
      {
        path: '^services/metrics/src/domain/prometheus-api/(?!$1/)(scoping|range-cache|response|request|upstream|query-executor|index)',
      },
      'A request is parsed and sent without knowing how it is scoped, cached or executed.',
    ),
    never(
      'metrics-ground-below-features',
      { path: rooms('time|promql|time-base|targets|nodes|metrics|clusters') },
      { path: `${rooms(features)}|^services/metrics/src/domain/cluster-probe\\.ts$` },
      'The shared ground does not know the features that stand on it.',
    ),
    never(
      'metrics-ground-in-order',
      { path: rooms('time|promql') },
      { path: rooms('time-base|targets|nodes|metrics') },
      'Selectors and ranges know no targets.',
    ),
    never(
      'metrics-targets-below-catalogue',
      { path: rooms('time-base|targets') },
      { path: rooms('nodes|metrics') },
      'The time base is told what to look for; it does not know the catalogue or the inventory.',
    ),
    never(
      'metrics-nodes-apart-from-catalogue',
      { path: rooms('nodes|metrics') },
      { path: rooms('nodes|metrics'), pathNot: '^services/metrics/src/domain/$1/' },
      'Whose a series is and what is read of it are two questions.',
    ),
    never(
      'metrics-features-apart',
      { path: rooms(features) },
      { path: rooms(features), pathNot: '^services/metrics/src/domain/$1/' },
      'A feature does not know the inside of another; what two need is ground.',
    ),
    never(
      'adapters-below-http',
      { path: '^services/[^/]+/src/adapters/' },
      { path: '^services/[^/]+/src/(http|compose|main)' },
      'Adapters map clients to ports.',
    ),
    never(
      'nobody-imports-compose',
      { path: '^(packages|services)/', pathNot: '/(main|compose)\\.ts$|\\.test\\.ts$' },
      { path: '^services/[^/]+/src/(compose|main)\\.ts$' },
      'Only main (and tests) wire a service.',
    ),
    never(
      'dapr-in-one-place',
      { path: '.', pathNot: '^packages/client/src/dapr/' },
      { path: 'node_modules/@dapr/' },
      'The Dapr SDK is mended behind one port.',
    ),
    never(
      'axios-in-one-place',
      { path: '^(packages|services)/', pathNot: '^packages/client/src/http/http-client\\.ts$' },
      { path: 'node_modules/axios/' },
      'http-client.ts is the only file that knows axios.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
