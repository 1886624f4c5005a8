import { dashboardApi } from '@bud-monitoring/contracts';
import { defineRoute, type Route } from '@bud-monitoring/service-kit';
import type { JsonObject } from '../domain/templates/json.js';
import { validateTemplate, type Template } from '../domain/templates/template.js';

/** The dashboard templates, and a check of one that is not among them yet. */
export function templateRoutes({ templates }: { templates: readonly Template[] }): Route[] {
  return [
    defineRoute({
      ...dashboardApi.listTemplates,
      permission: 'cluster:view',
      namespaces: 'own',
      summary: 'The templates that dashboards are made from, and what is wrong with them',
      handler: () => ({
        data: {
          templates: templates.map(({ name, title, suffix, report }) => ({
            name,
            title,
            uid_suffix: suffix,
            ...report,
          })),
        },
        message: `${templates.length} templates`,
      }),
    }),
    defineRoute({
      ...dashboardApi.validateTemplate,
      permission: 'cluster:manage',
      namespaces: 'own',
      summary: 'Check a dashboard (classic Grafana JSON) as a template',
      handler: ({ body }) => {
        const report = validateTemplate(body as JsonObject);
        return {
          data: report,
          message: report.valid ? 'The template can be used' : 'The template cannot be used',
        };
      },
    }),
  ];
}
