import { readdir, readFile } from 'node:fs/promises';

/** The folder in /proc of the one process that listens where a URL says. */
export async function procOf(url: string): Promise<string> {
  const { port, host } = new URL(url);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [command, environment] = [await read('cmdline'), await read('environ')];
    const isOurs =
      command.includes('dist/main.js') && environment.split('\0').includes(`PORT=${port}`);
    const listens = [host, `--web.listen-address=${host}`];
    if (isOurs || command.split('\0').some((word) => listens.includes(word))) return `/proc/${pid}`;
  }
  throw new Error(`no process listens at ${url}`);
}

/** Processor time of a process so far, seconds. */
export async function cpuSeconds(proc: string): Promise<number> {
  const stat = await readFile(`${proc}/stat`, 'utf8');
  // After the name, which may hold anything: user and system time are fields 14 and 15, in 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The most memory that a process ever had resident, in 10^6 bytes. */
export async function peakMb(proc: string): Promise<number> {
  const status = await readFile(`${proc}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}
