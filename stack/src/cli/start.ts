import { startProduct } from '../product.js';
import { aborted, inForeground } from './foreground.js';

await inForeground(async ({ signal, report }) => {
  const stack = await startProduct({ env: process.env, fleet: [], report, signal });
  try {
    const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    console.log(`ready ${stack.gateway?.url ?? ''}`);
    console.log(`token ${token}`);
    const reason = await Promise.race([stack.failed, aborted(signal)]);
    if (reason !== undefined) throw new Error(reason);
  } finally {
    await stack.stop();
  }
});
