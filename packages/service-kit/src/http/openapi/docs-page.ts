import type { OpenApiDocument } from './document.js';

interface Operation {
  summary?: string;
  description?: string;
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: unknown;
  }[];
  requestBody?: { content?: Record<string, { schema?: unknown }> };
  responses?: Record<
    string,
    { description?: string; content?: Record<string, { schema?: unknown }> }
  >;
}

/** Nothing is wider than the page, on a phone too. */
const style = `*{box-sizing:border-box}body{overflow-wrap:anywhere;font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{font:600 1rem ui-monospace,monospace;margin:2rem 0 0;border-top:1px solid #ccc;padding-top:1rem}
table{border-collapse:collapse;max-width:100%}nav ol{columns:20rem;padding-left:1.2rem}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
pre{background:#f4f4f4;padding:.8rem;overflow:auto}code{font-size:.9em}`;

/** The document as one plain HTML page: no script, nothing loaded from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) =>
      operationSection(method, path, operation),
    ),
  );
  const contents = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods as Record<string, Operation>).map(
      (method) =>
        `<li><a href="#${escape(anchorOf(method, path))}">${escape(`${method.toUpperCase()} ${path}`)}</a></li>`,
    ),
  );
  const schemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) =>
    details(`Schema ${name}`, schema),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>${style}</style></head><body><h1>${escape(title)} ${escape(version)}</h1>
<p>${escape(description ?? '')}</p><p>Machine readable: <a href="openapi.json">openapi.json</a></p>
<nav aria-label="Contents"><ol>${contents.join('')}</ol></nav>
${operations.join('\n')}${schemas.join('\n')}</body></html>`;
}

function operationSection(method: string, path: string, operation: Operation): string {
  const parameters = operation.parameters ?? [];
  const rows = parameters.map(
    ({ name, in: where, required, description, schema }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${escape(where)}${required ? ', required' : ''}</td>
<td><code>${escape(JSON.stringify(schema))}</code></td><td>${escape(description ?? '')}</td></tr>`,
  );
  const body = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) =>
    details('Body', schema),
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) =>
      Object.entries(content ?? {})
        .map(([type, { schema }]) => details(`${status} ${description ?? ''} (${type})`, schema))
        .join(''),
  );
  return `<h2 id="${escape(anchorOf(method, path))}">${escape(method.toUpperCase())} ${escape(path)}</h2><p>${escape(operation.summary ?? '')}</p>
<p>${escape(operation.description ?? '')}</p>${rows.length ? `<table>${rows.join('')}</table>` : ''}
${body.join('')}${answers.join('')}`;
}

/** Where a route stands on the page. */
const anchorOf = (method: string, path: string) => `${method}${path.replace(/\W+/g, '-')}`;

function details(summary: string, schema: unknown): string {
  return `<details><summary>${escape(summary)}</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
