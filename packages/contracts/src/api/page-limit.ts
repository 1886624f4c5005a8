import { z } from 'zod';

/** Items of a page, 1 to 500 in decimal digits; 100 unless given. */
export const pageLimitSchema = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 500')
  .transform(Number)
  .pipe(z.number().min(1).max(500))
  .prefault('100');
