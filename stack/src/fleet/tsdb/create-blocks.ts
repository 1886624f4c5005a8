import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CreateBlocksOptions {
  /** Path of the promtool program. */
  promtool: string;
  /** OpenMetrics text. */
  file: string;
  /** Prometheus' data directory. */
  dataDirectory: string;
  /** For promtool's own intermediate files. */
  scratch: string;
  /** Longest block; promtool reads the whole file again for each. Hours: 2, 6, 18, 54, 162 or 486. */
  blockHours: number;
  signal?: AbortSignal | undefined;
}

/** Makes TSDB blocks of an OpenMetrics file. Prometheus must not be running on the directory yet. */
export async function createBlocks(options: CreateBlocksOptions): Promise<void> {
  const { promtool, file, dataDirectory, blockHours, signal } = options;
  const child = spawn(
    promtool,
    [
      ...['tsdb', 'create-blocks-from', 'openmetrics', '--quiet'],
      `--max-block-duration=${blockHours}h`,
      ...[file, dataDirectory],
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { TMPDIR: options.scratch },
      ...(signal === undefined ? {} : { signal }),
    },
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`promtool could not load ${file}: ${complaint.trim()}`);
}
