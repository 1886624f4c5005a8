import { parseJson } from '@bud-monitoring/cluster-events';
import { makeTemplate, isBuiltIn, type Template } from './template.js';
import type { Json } from './json.js';

/** A file of the template folder. */
export interface TemplateFile {
  /** File name without `.json`. */
  name: string;
  text: string;
}

/** The templates in the order of publishing: the main one, the built-in ones, custom ones by name. */
export function loadTemplates(files: readonly TemplateFile[]): Template[] {
  // Text that is not JSON becomes null, which the lint refuses.
  const parse = (text: string) => (parseJson(text) ?? null) as Json;
  const templates = files.map(({ name, text }) => makeTemplate(name, parse(text)));
  const order = ({ name, suffix }: Template) => (isBuiltIn(name) ? `0${suffix}` : `1${name}`);
  templates.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const suffixes = new Map<string, string>();
  return templates.map((template) => {
    const other = suffixes.get(template.suffix);
    suffixes.set(template.suffix, other ?? template.name);
    if (other === undefined) return template;
    const message = `would get the same uid as ${other}: rename the file`;
    return {
      ...template,
      report: {
        ...template.report,
        valid: false,
        problems: [...template.report.problems, { severity: 'error' as const, path: '', message }],
      },
    };
  });
}
