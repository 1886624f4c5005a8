import { z } from 'zod';

/** Only the fields in use; Grafana sends many more, and others with each version. */
export const healthSchema = z.object({
  database: z.string().default('unknown'),
  version: z.string().nullish(),
});

export const settingsSchema = z.object({
  buildInfo: z.object({ version: z.string().nullish() }).nullish(),
});

export const dashboardSchema = z.object({
  dashboard: z.looseObject({ uid: z.string(), version: z.int() }),
  meta: z.object({
    folderUid: z.string().nullish(),
    url: z.string().default(''),
    isFolder: z.boolean().nullish(),
  }),
});

/** A dashboard of the resource API. */
export const resourceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    generation: z.int(),
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({}),
});

/** The hits of a search. */
export const searchSchema = z.array(
  z.object({ uid: z.string(), title: z.string(), tags: z.array(z.string()).default([]) }),
);

export const savedSchema = z.object({ uid: z.string(), version: z.int(), url: z.string() });

export const publicDashboardSchema = z.object({
  uid: z.string().min(1),
  dashboardUid: z.string(),
  accessToken: z.string(),
  isEnabled: z.boolean(),
});

/** A bare array in 9.4, a page later. */
export const publicDashboardListSchema = z.union([
  z
    .array(publicDashboardSchema)
    .transform((publicDashboards) => ({ publicDashboards, total: publicDashboards.length })),
  z
    .object({ publicDashboards: z.array(publicDashboardSchema), totalCount: z.int() })
    .transform((page) => ({ publicDashboards: page.publicDashboards, total: page.totalCount })),
]);

export const folderSchema = z.object({ uid: z.string(), title: z.string() });

export const datasourceSchema = z.object({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  url: z.string().default(''),
  basicAuth: z.boolean().default(false),
  basicAuthUser: z.string().default(''),
  jsonData: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((given) => given ?? {}),
});

export const datasourceListSchema = z.array(datasourceSchema.extend({ isDefault: z.boolean() }));

export const savedDatasourceSchema = z
  .object({ datasource: datasourceSchema })
  .transform(({ datasource }) => datasource);

/** The data frames of each query: of an instant query one for each series, or one with a column each. */
export const queryResultsSchema = z.object({
  results: z.record(
    z.string(),
    z.object({
      frames: z
        .array(
          z.object({
            schema: z.object({
              fields: z
                .array(z.object({ labels: z.record(z.string(), z.string()).nullish() }))
                .default([]),
            }),
            data: z.object({ values: z.array(z.array(z.unknown())).default([]) }),
          }),
        )
        .default([]),
    }),
  ),
});

/** `status` is the reason of a 412, `messageId` that of anything about public dashboards. */
export const errorSchema = z.object({
  message: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  messageId: z.string().optional().catch(undefined),
});
