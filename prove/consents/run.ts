import type { App } from '../../core/app.ts';
import { createGallerySweep } from '../../workers/gallery.ts';
import { type Acts, PRODUCT } from './acts.ts';
import { judgeEnd } from './end.ts';
import { MUTANTS } from './mutants.ts';
import { Violation } from './oracle.ts';
import { type Figures, play } from './play.ts';
import { makePeople, memoryStorage } from './stage.ts';
import { storyOf } from './story.ts';

export interface Run {
  app: App;
  acts: Acts;
  /** Begins every name of this run's people. */
  name: string;
  /** The first seed, and how many of them. */
  from: number;
  traces: number;
  /** Ends with the first trace that goes wrong. */
  isShort?: boolean;
}

export interface Report extends Figures {
  traces: number;
  /** Copies that dead processes left in the gallery's storage, and of these what even the sweep did not remove. */
  strays: number;
  left: number;
  violations: { seed: number; message: string }[];
  /** Traces that ended with an error that no checker raised. */
  failures: { seed: number; message: string }[];
}

/** Moments in each trace. */
const GROUPS = 3;
const AT_ONCE = 8;
/** People are made so many at a time; where the first wrong trace ends a run, most of them are never needed. */
const PEOPLE = { long: 250, short: 25 };
/** A mutant that is not caught in so many traces is not caught. */
const MUTANT_TRACES = 200;

/** Plays traces side by side, each of a person of its own, in the database of `app`. */
export async function run({ app, acts, name, from, traces, isShort = false }: Run): Promise<Report> {
  const { storage, objects } = memoryStorage(app.storage);
  // Nobody hears the doorbell: when a worker comes is a step of the trace.
  const staged: App = { ...app, storage, queue: { ...app.queue, ring: async () => {} } };
  const report: Report = { ...noFigures(), traces: 0, strays: 0, left: 0, violations: [], failures: [] };
  const isOver = () => isShort && report.violations.length > 0;
  const people = isShort ? PEOPLE.short : PEOPLE.long;
  for (let first = from; first < from + traces && !isOver(); first += people) {
    const seeds = Array.from({ length: Math.min(people, from + traces - first) }, (_, index) => first + index);
    const names = seeds.map((seed) => `${name}-${seed}`);
    const made = await makePeople(staged, names);
    const waiting = made.map((person, index) => ({ person, seed: seeds[index] ?? 0 }));
    const lane = async () => {
      for (let next = waiting.shift(); next && !isOver(); next = waiting.shift()) {
        const { person, seed } = next;
        await play(staged, acts, person, storyOf(seed, GROUPS), report).catch(note(report, seed));
        report.traces += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await acts.settled();
    if (!isOver()) await judgeEnd(staged, acts, made).catch(note(report, first));
  }
  const sweep = createGallerySweep(staged);
  await sweep();
  report.strays = await sweep();
  report.left = objects.size;
  return report;
}

const note = (report: Report, seed: number) => (error: unknown) => {
  const found = { seed, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  (error instanceof Violation ? report.violations : report.failures).push(found);
};

/** Which mutants some trace noticed, each with the first complaint. */
export async function hunt(app: App): Promise<{ name: string; traces: number; complaint: string | undefined }[]> {
  const hunted = [];
  for (const [index, { name, acts }] of MUTANTS.entries()) {
    const short = { app, name: `mutant${index}`, from: 1, traces: MUTANT_TRACES, isShort: true };
    const { traces, violations } = await run({ ...short, acts: acts() });
    hunted.push({ name, traces, complaint: violations[0]?.message.split('\n')[0] });
  }
  return hunted;
}

/** The product itself. */
export const runProduct = (app: App, name: string, from: number, traces: number): Promise<Report> =>
  run({ app, acts: PRODUCT, name, from, traces });

const noFigures = (): Figures => ({
  ...{ steps: 0, sent: 0, seen: 0, withheld: 0, unlawful: 0, crashes: 0 },
  faults: new Map(),
});
