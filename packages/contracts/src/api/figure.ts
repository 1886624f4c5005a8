import { z } from 'zod';

/** A number of an answer; null where there is no data. The description tells its unit. */
export const figure = (description: string) => z.number().nullable().meta({ description });

/** A moment as a number. */
export const unixSeconds = (description: string) =>
  z.number().meta({ description: `${description}, Unix seconds` });

/** A text that may be missing. */
export const optionalText = (description: string) => z.string().nullable().meta({ description });
