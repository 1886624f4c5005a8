import { startProduct } from '../product.js';
import { inForeground } from './foreground.js';
import { printAccess, untilStopped } from './start-output.js';

await inForeground(async ({ signal, report }) => {
  await using stack = await startProduct({
    env: process.env,
    fleet: [],
    report,
    onLine: (appId, line) => report(`${appId}: ${line}`),
    signal,
  });
  await printAccess(stack);
  await untilStopped(signal, stack.failed);
});
