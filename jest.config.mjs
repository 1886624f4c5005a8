/** Run only by scripts of their own (`npm run test:compose`): they need a browser, or install and build much. */
const optIn = Object.entries({
  browser: ['browser', 'console'],
  compose: ['compose'],
  kubernetes: ['kubernetes'],
  openapi: ['openapi'],
  thanos: ['thanos'],
})
  .filter(([name]) => !process.env['OPT_IN']?.split(',').includes(name))
  .flatMap(([, folders]) => folders.map((folder) => `<rootDir>/tests/${folder}/`));

/** ESM throughout: the runner starts Node with --experimental-vm-modules (stack/bootstrap.mjs). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/services', '<rootDir>/stack', '<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...optIn],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Workspace sources are read unbuilt; relative imports carry the .js that Node needs.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.test.json' }] },
  setupFiles: ['<rootDir>/tests/support/setup.mjs'],
  testTimeout: 30_000,
  maxWorkers: 2,
  // Modules of test files are never collected: a worker of all of them would need more than the heap that Node allows.
  workerIdleMemoryLimit: '1500MB',
};
