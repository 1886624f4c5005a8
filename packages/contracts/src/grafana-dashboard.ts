import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { envelope } from './api/envelope.js';
import { afterSchema, nextSchema, pageQuery } from './api/page.js';
import { optionalText } from './api/figure.js';
import { clusterNameSchema } from './fleet.js';

/**
 * Where a cluster's dashboards stand: `pending` is being worked on, `failed` waits for somebody to
 * mend what is named in `last_error`, `disabled` has no public link because somebody said so,
 * `deleting` belongs to a deleted cluster whose dashboards and link are still to be removed, and
 * `unreadable` has a stored record that this version cannot read: `last_error` names the ways out;
 * `orphaned`: Grafana holds dashboards of ours of a cluster that is not known (only in the list that asks
 * for it): POST adopts, DELETE removes them.
 */
export const dashboardStatusSchema = z
  .enum(['pending', 'ready', 'failed', 'disabled', 'deleting', 'unreadable', 'orphaned'])
  .meta({
    description:
      'failed: last_error says what to mend; disabled: no public link, as was asked for; deleting: not all is removed yet; unreadable: the stored record cannot be read; orphaned: in Grafana, of a cluster that is not known',
  });
export type DashboardStatus = z.infer<typeof dashboardStatusSchema>;

/** One dashboard of a cluster, as it stood when it was last written or checked. */
export const provisionedDashboardSchema = z
  .object({
    template: z.string().meta({ description: 'What it is made from' }),
    uid: z.string().meta({ description: "Grafana's uid" }),
    version: z.int().meta({ description: "Grafana's version" }),
    drifted: z.boolean().meta({ description: 'Changed by somebody else since our last write' }),
  })
  .meta({ id: 'ProvisionedDashboard' });

/** `GET /clusters/{cluster_id}/grafana-dashboard` */
export const grafanaDashboardSchema = z
  .object({
    cluster_id: clusterIdSchema,
    name: clusterNameSchema,
    url: optionalText('The public link, null unless it works'),
    uid: z.string().meta({ description: "Grafana's uid of the main dashboard" }),
    status: dashboardStatusSchema,
    dashboards: z
      .array(provisionedDashboardSchema)
      .meta({ description: 'All dashboards of the cluster' }),
    sharing: z
      .object({
        enabled: z.boolean().meta({ description: 'Whether there is to be a public link' }),
        expires_at: optionalText('When the link ends, ISO 8601; null where it does not'),
      })
      .meta({ description: 'What is wanted of the public link' }),
    last_error: z.string().optional().meta({ description: 'Why it is not as wanted' }),
    next_try: z.string().optional().meta({ description: 'When it is tried again, ISO 8601' }),
  })
  .meta({ id: 'GrafanaDashboard' });
export type GrafanaDashboard = z.infer<typeof grafanaDashboardSchema>;
export const grafanaDashboardAnswerSchema = envelope(
  'cluster.grafana-dashboard',
  grafanaDashboardSchema,
);

/** The query of `POST /clusters/{cluster_id}/grafana-dashboard`. */
export const provisionQuerySchema = z.object({
  force: z.enum(['true', 'false']).default('false').meta({
    description: 'Try once although Grafana has refused the credentials; a success ends the pause',
  }),
});

const eitherTime = 'must be ISO 8601 with an offset, or Unix seconds';

/** Unix seconds at the end of the year 9999; what is more is no date, or milliseconds by mistake. */
const latestSeconds = 253_402_300_799;

/** `PUT /clusters/{cluster_id}/grafana-dashboard/sharing` */
export const sharingSchema = z.strictObject({
  enabled: z.boolean().meta({ description: 'Whether there is to be a public link' }),
  expires_at: z
    .union(
      [
        z.iso.datetime({ offset: true, error: eitherTime }),
        z.number(eitherTime).max(latestSeconds),
      ],
      eitherTime,
    )
    .nullish()
    .meta({ description: 'When the link ends: ISO 8601 with an offset, or Unix seconds' }),
});
export type Sharing = z.infer<typeof sharingSchema>;

const listedDashboard = grafanaDashboardSchema
  .pick({ cluster_id: true, name: true, uid: true, status: true, last_error: true, next_try: true })
  .extend({
    drifted: z.boolean().meta({ description: 'Whether one was changed by somebody else' }),
  })
  .meta({ id: 'ListedDashboard' });

/** The query of `GET /dashboards`. */
export const dashboardListQuerySchema = z.object({
  ...pageQuery,
  after: afterSchema,
  status: dashboardStatusSchema.optional().meta({
    description: 'Only these; `orphaned` searches Grafana',
  }),
  search: z.string().min(1).max(200).optional().meta({
    description: 'Only clusters with this text in their name or id, in capitals or not',
  }),
  counts: z.enum(['true', 'false']).default('false').meta({
    description: 'Whether the answer says how many clusters are in each status',
  }),
});

const statusCount = (what: string) => z.int().meta({ description: `Clusters that are ${what}` });

/** How many of all clusters that the caller may see are in each status; orphaned ones are not known. */
const statusCountsSchema = z
  .object({
    failed: statusCount('failed'),
    unreadable: statusCount('unreadable'),
    deleting: statusCount('deleting'),
    pending: statusCount('pending'),
    disabled: statusCount('disabled'),
    ready: statusCount('ready'),
  } satisfies Record<Exclude<DashboardStatus, 'orphaned'>, z.ZodType>)
  .meta({ id: 'DashboardCounts' });
export type DashboardCounts = z.infer<typeof statusCountsSchema>;

/** `GET /dashboards`: one row a cluster; the links are not in it. */
export const dashboardListSchema = z
  .object({
    dashboards: z.array(listedDashboard).meta({ description: 'One page, by cluster id' }),
    next: nextSchema,
    counts: statusCountsSchema.optional().meta({
      description:
        'With `counts=true`: all clusters that the caller may see, whatever is searched for; at most 15 seconds old',
    }),
  })
  .meta({ id: 'DashboardList' });
export type DashboardList = z.infer<typeof dashboardListSchema>;

/** One fault of a dashboard template; an error keeps it from being published, a warning does not. */
export const templateProblemSchema = z
  .object({
    severity: z.enum(['error', 'warning']).meta({
      description: 'An error keeps the template from being published',
    }),
    path: z.string().meta({ description: 'Where in the JSON, as `panels[3].targets[0].expr`' }),
    message: z.string().meta({ description: 'What is wrong there' }),
  })
  .meta({ id: 'TemplateProblem' });
export type TemplateProblem = z.infer<typeof templateProblemSchema>;

/** What the lint says of a dashboard template. */
export const templateReportSchema = z
  .object({
    valid: z.boolean().meta({ description: 'Whether it can be published' }),
    panels: z.int().meta({ description: 'How many panels it has' }),
    queries: z.int().meta({ description: 'How many queries they have' }),
    problems: z.array(templateProblemSchema).meta({ description: 'At most 100' }),
  })
  .meta({ id: 'TemplateReport' });
export type TemplateReport = z.infer<typeof templateReportSchema>;

const template = templateReportSchema
  .extend({
    name: z.string().meta({ description: 'Name of its file' }),
    title: z.string().meta({ description: 'What it is called in Grafana' }),
    uid_suffix: z.string().meta({
      description: "What follows the cluster id in Grafana's uid; empty for the main dashboard",
    }),
  })
  .meta({ id: 'Template' });

/** `GET /templates` */
export const templateListSchema = z.object({
  templates: z.array(template).meta({ description: 'All of them' }),
});
export type TemplateList = z.infer<typeof templateListSchema>;
