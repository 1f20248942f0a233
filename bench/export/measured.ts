import { readFileSync } from 'node:fs';

/** What a side has measured of itself, written as one line of JSON. */
export interface Measured {
  milliseconds: number;
  /** Of the ZIP, or of what was stored. */
  bytes: number;
  /** Bytes of memory that its process has held at most (VmHWM of Linux). */
  peak: number;
}

/** Says what was measured, with the memory of this very process. */
export function report(measured: Omit<Measured, 'peak'>): void {
  process.stdout.write(`${JSON.stringify({ ...measured, peak: peakOf(process.pid) })}\n`);
}

/** Linux: proc(5), in KiB. */
function peakOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (!kib) throw new Error('this system does not say how much memory a process has held: run this on Linux');
  return Number(kib) * 1_024;
}
