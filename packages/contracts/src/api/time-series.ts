import { z } from 'zod';
import { figure, unixSeconds } from './figure.js';

const pointsSchema = z
  .array(
    z.object({
      timestamp: unixSeconds('End of the step'),
      interval_start: z.number().optional().meta({
        description:
          'With steps over 5 minutes: the value is the mean from here to the timestamp; the last interval may be unfinished',
      }),
      value: figure('Null where nothing was measured'),
    }),
  )
  .meta({ id: 'TimeSeriesPoints', description: 'Points, aligned to the step' });

const columnsSchema = z
  .object({
    form: z.literal('columns').meta({ description: 'Tells this form from a list of points' }),
    start: unixSeconds('Time of the first value'),
    step: z.number().meta({ description: 'Seconds between two values' }),
    values: z.array(z.number().nullable()).meta({
      description: 'Null where nothing was measured',
    }),
    end: z.number().optional().meta({
      description: 'Time of the last value, where its interval is unfinished; Unix seconds',
    }),
  })
  .meta({
    id: 'TimeSeriesColumns',
    description: 'With `series=columns`: values without their times',
  });
export type TimeSeriesColumns = z.infer<typeof columnsSchema>;

export const timeSeriesSchema = z.union([pointsSchema, columnsSchema]);
/** Points aligned to the step; `null` where nothing was measured. The second form is `series=columns`. */
export type TimeSeries = z.infer<typeof timeSeriesSchema>;

/** What every metric has beside its own figures: means, their comparison, and a series. */
export const compared = {
  average: figure('Mean over the window, in the unit of the series'),
  previous_average: figure('Mean over the window it is compared with'),
  change_percent: figure(
    'The window against the one before: percentage points for shares (memory, cpu, storage, gpu, cache usage), percent for amounts',
  ),
  time_series: timeSeriesSchema.optional().meta({
    description:
      'Points or, with `series=columns`, columns; tell them by `Array.isArray` or `form`',
  }),
};
