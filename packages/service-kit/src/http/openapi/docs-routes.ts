import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineRawRoute, type Route } from '../route.js';

const require = createRequire(import.meta.url);

/** Swagger UI as it is published; from here and from nowhere else. */
const viewer = {
  'swagger-ui.css': require.resolve('swagger-ui-dist/swagger-ui.css'),
  'swagger-ui-bundle.js': require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
};

/** The page loads its own files and asks its own origin; Swagger UI sets styles of elements and has icons as data. */
const policy =
  "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;" +
  "connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'";

const start = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
});
`;

/** On a phone nothing is wider than the page; what is long scrolls in itself. */
const style = `body { margin: 0; }
.swagger-ui .wrapper { padding: 0 12px; }
.swagger-ui .opblock-body, .swagger-ui .model-box, .swagger-ui table { overflow-x: auto; }
.swagger-ui .opblock-summary-path, .swagger-ui .opblock-summary-description, .swagger-ui .markdown { overflow-wrap: anywhere; }
@media (max-width: 640px) {
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-path { max-width: calc(100vw - 150px); }
  .swagger-ui table.parameters, .swagger-ui table.responses-table { display: block; }
}
`;

/** The description for people: Swagger UI, with all that it loads below `/docs/`. */
export function docsRoutes(title: string): Route[] {
  const page = pageOf(title);
  return [
    docsRoute('/docs', 'This description, for people', 'text/html', () => Promise.resolve(page)),
    docsRoute('/docs/page.css', 'Style of that page', 'text/css', () => Promise.resolve(style)),
    docsRoute('/docs/start.js', 'Start of that page', 'text/javascript', () =>
      Promise.resolve(start),
    ),
    ...Object.entries(viewer).map(([name, file]) => {
      let read: Promise<string> | undefined;
      const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
      return docsRoute(
        `/docs/${name}`,
        'Swagger UI',
        type,
        () => (read ??= readFile(file, 'utf8')),
      );
    }),
  ];
}

function docsRoute(
  path: string,
  summary: string,
  produces: string,
  text: () => Promise<string>,
): Route {
  return defineRawRoute({
    method: 'get',
    permission: 'public',
    path,
    summary,
    produces,
    async handler(_context, _request, response) {
      response.set('Content-Security-Policy', policy);
      if (produces !== 'text/html') response.set('Cache-Control', 'private, max-age=3600');
      response.type(produces).send(await text());
    },
  });
}

const pageOf = (title: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="docs/swagger-ui.css"><link rel="stylesheet" href="docs/page.css">
</head><body><div id="api"></div><noscript>For machines: <a href="openapi.json">openapi.json</a></noscript>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body></html>
`;
