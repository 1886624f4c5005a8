/** Loaded into the service before its own code: its clock stands still at the end of the samples. */
const now = Number(process.env['BENCH_NOW']) * 1000;
if (!Number.isFinite(now)) throw new Error('BENCH_NOW is no time');
Date.now = () => now;
