import { z } from 'zod';

/** Items of a page, 1 to 500 in decimal digits; 100 unless given. */
const pageLimitSchema = z
  .string()
  .regex(/^0*(?:[1-9]\d?|[1-4]\d\d|500)$/, 'must be a whole number from 1 to 500')
  .transform(Number)
  .prefault('100')
  .meta({ description: 'Items of a page, 1 to 500' });

/** The query of every list that comes in pages. */
export const pageQuery = {
  limit: pageLimitSchema,
  cursor: z.string().min(1).max(500).optional().meta({ description: '`next` of the page before' }),
};

/** Where the next page begins. */
export const nextSchema = z
  .string()
  .nullable()
  .meta({ description: '`cursor` of the next page; null on the last one' });

/** The cursor by the name it had at first. */
export const afterSchema = z
  .string()
  .min(1)
  .max(500)
  .optional()
  .meta({ description: 'Another spelling of cursor' });
