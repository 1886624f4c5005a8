import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sentenceOf } from './sentences.js';

describe('what is wrong with a value', () => {
  it.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'is missing'],
    [z.string(), 3, 'must be a text'],
    [z.number(), 'x', 'must be a number'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), 3, 'must be an object'],
    [z.enum(['today', 'month']), 'year', 'must be one of today, month'],
    [z.literal('kWh'), 'Wh', 'must be kWh'],
    [z.number().positive(), 0, 'must be more than 0'],
    [z.number().max(500), 501, 'must be at most 500'],
    [z.string().max(2), 'abc', 'must have at most 2 characters'],
    [z.array(z.string()).min(1), [], 'must have at least 1 items'],
    [z.iso.datetime({ offset: true }), 'soon', 'must be ISO 8601 with an offset'],
    [z.string().regex(/x/), 'y', 'does not have the right form'],
    [z.string().regex(/x/, 'must be x'), 'y', 'must be x'],
  ])('%#: is a sentence of ours', (schema, value, sentence) => {
    const result = schema.safeParse(value, { error: sentenceOf });
    expect(result.error?.issues[0]?.message).toBe(sentence);
  });
});
