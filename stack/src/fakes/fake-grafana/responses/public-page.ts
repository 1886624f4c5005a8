import { panelsOf } from './dashboard.js';
import type { Row } from '../store.js';

/** The page behind a public link: titles of the dashboard and its panels, and the stat panels' values. */
export function publicDashboardPage(row: Row | undefined, token: string): string {
  if (row === undefined)
    return page('Dashboard not found', '<p>The link may have been withdrawn.</p>');
  const panels = panelsOf(row.data).map(({ id, type, title = '' }) => {
    const value = type === 'stat' ? `<output data-panel="${Number(id)}">…</output>` : '';
    return `<section><h2>${escapeHtml(title)}</h2>${value}</section>`;
  });
  return page(row.title, `<main>${panels.join('')}</main>${script(token)}`);
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>
body { font: 14px system-ui, sans-serif; background: #111217; color: #ccccdc; margin: 1rem }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .5rem }
section { background: #181b1f; border: 1px solid #2c2f36; padding: .5rem }
h2 { font-size: 1em; margin: 0 } output { font-size: 2em }
</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>
`;

const script = (token: string): string => `<script>
for (const output of document.querySelectorAll('output')) {
  const url = '../api/public/dashboards/${token}/panels/' + output.dataset.panel + '/query';
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    .then((response) => response.json())
    .then(({ results }) => {
      const value = Object.values(results)[0].frames[0].data.values[1].at(-1);
      output.textContent = value.toLocaleString('en', { maximumFractionDigits: 3 });
    })
    .catch(() => (output.textContent = 'no data'));
}
</script>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
