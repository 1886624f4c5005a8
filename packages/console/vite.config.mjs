import { defineConfig } from 'vite';

/** Static files that a strict Content-Security-Policy lets through: nothing inline, names with a hash. */
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  // The workspace's packages as sources, so that nothing has to be built first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    // All styles are less than a request is worth.
    cssCodeSplit: false,
    // The polyfill is for browsers that the target leaves out.
    modulePreload: { polyfill: false },
  },
  // `npm run dev -w packages/console` beside a running stack.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/console.json': 'http://127.0.0.1:8080' } },
});
