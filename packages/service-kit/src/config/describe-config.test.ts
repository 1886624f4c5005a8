import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { describeConfig } from './describe-config.js';
import { envBoolean, envDuration, envText } from './env-types.js';

it('describes each variable as the table shows it', () => {
  const schema = z.object({
    NAME: envText().meta({ description: 'Who.' }),
    TOKEN: envText().optional().meta({ secret: true, description: 'Key.' }),
    REFRESH: envDuration().prefault('30s').meta({ description: 'How often.' }),
    DISCOVER: envBoolean().default(true),
    POLICY: z.enum(['overwrite', 'keep']).default('overwrite'),
  });

  const rows = describeConfig(schema);

  const plain = { required: false, secret: false, description: '', default: null };
  expect(rows).toEqual([
    { ...plain, name: 'NAME', type: 'text', required: true, description: 'Who.' },
    { ...plain, name: 'TOKEN', type: 'text', secret: true, description: 'Key.' },
    { ...plain, name: 'REFRESH', type: 'duration', default: '30s', description: 'How often.' },
    { ...plain, name: 'DISCOVER', type: 'boolean', default: 'true' },
    { ...plain, name: 'POLICY', type: 'overwrite | keep', default: 'overwrite' },
  ]);
});
