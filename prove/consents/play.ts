import type { App } from '../../core/app.ts';
import { UserError } from '../../core/errors.ts';
import type { ConsentProof } from '../../core/privacy/consents.ts';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { GALLERY_ITEMS, type GalleryItemDocument } from '../../models/gallery-item.ts';
import { chanceOf } from '../chance.ts';
import { Crash, type Tally, withFaults } from '../faults.ts';
import { type Acts, galleryOf, NEWS } from './acts.ts';
import { canBeOn, type Span, type Switch, Violation, wasOn } from './oracle.ts';
import type { Person } from './stage.ts';
import type { Step, Story } from './story.ts';

export interface Figures {
  steps: number;
  /** What went out, or was seen, while there was a consent; and without one, which must never be. */
  sent: number;
  seen: number;
  withheld: number;
  unlawful: number;
  crashes: number;
  faults: Tally;
}

/** Of all calls to a store, in a step whose process may die. */
const FAULT_SHARE = 0.15;

interface Trace {
  app: App;
  acts: Acts;
  person: Person;
  figures: Figures;
  now: { clock: number; moment: number };
  held: { proof?: ConsentProof<'marketing'> | undefined };
  switches: { news: Switch; gallery: Switch; active: Switch };
}

/** Plays one trace of one person, then withdraws everything. Throws a Violation. */
export async function play(base: App, acts: Acts, person: Person, story: Story, figures: Figures): Promise<void> {
  const now = { clock: base.now(), moment: 0 };
  const active = [{ on: true, answered: true, from: -1, to: 0 }];
  const app = { ...base, now: () => now.clock };
  const trace: Trace = {
    ...{ app, acts, person, figures, now },
    ...{ held: {}, switches: { news: [], gallery: [], active } },
  };
  for (const group of story) {
    now.clock += Math.max(...group.map(({ afterMs }) => afterMs));
    await Promise.all(group.map((step) => take(trace, step)));
  }
  await finish(trace);
}

/** One step; where its process dies, once more if it is one that comes again. */
async function take(trace: Trace, step: Step): Promise<void> {
  trace.figures.steps += 1;
  try {
    await perform(step.dies ? mortal(trace, step.seed) : trace, step);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    trace.figures.crashes += 1;
    if (step.repeats) await perform(trace, step);
  }
}

/** The same trace in a process that may die. */
function mortal(trace: Trace, seed: number): Trace {
  const { app, figures } = trace;
  const faults = { chance: chanceOf(seed), share: FAULT_SHARE, tally: figures.faults, heard: () => {} };
  const dieAround = async <T>(call: () => Promise<T>): Promise<T> => {
    if (faults.chance.often(FAULT_SHARE)) throw new Crash('storage');
    const answer = await call();
    if (faults.chance.often(FAULT_SHARE)) throw new Crash('storage');
    return answer;
  };
  const storage: App['storage'] = {
    ...app.storage,
    write: (...inputs) => dieAround(() => app.storage.write(...inputs)),
    remove: (names) => dieAround(() => app.storage.remove(names)),
  };
  return { ...trace, app: { ...app, storage, connection: withFaults(app.connection, faults) } };
}

async function perform(trace: Trace, { type }: Step): Promise<void> {
  const { app, acts, person, switches, held } = trace;
  switch (type) {
    case 'grant news':
      return wish(trace, switches.news, true, () => acts.grant(app, person, NEWS));
    case 'withdraw news':
      return wish(trace, switches.news, false, () => acts.withdraw(app, person, NEWS));
    case 'grant gallery':
      return wish(trace, switches.gallery, true, () => acts.grant(app, person, galleryOf(person)));
    case 'withdraw gallery':
      return wish(trace, switches.gallery, false, () => acts.withdraw(app, person, galleryOf(person)));
    case 'leave':
      return wish(trace, switches.active, false, () => setStatus(trace, 'leaving'));
    case 'stay':
      return wish(trace, switches.active, true, () => setStatus(trace, 'active'));
    case 'send':
      return send(trace, true);
    case 'hold a proof':
      held.proof = await acts.proveNews(app, person);
      return;
    case 'send with the held proof':
      return send(trace, false);
    case 'publish':
      await declined(() => acts.publish(app, person));
      return;
    case 'work':
      for (const slug of await slugsOf(trace)) await acts.work(app, slug);
      return;
    case 'look':
      for (const slug of await slugsOf(trace)) await look(trace, slug);
  }
}

/** What is refused to a person who is leaving, or has withdrawn at the same moment, is no fault. */
async function declined(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return true;
  }
}

async function wish({ now }: Trace, wishes: Switch, on: boolean, act: () => Promise<void>): Promise<void> {
  const made = { on, answered: false, from: ++now.moment, to: Number.POSITIVE_INFINITY };
  wishes.push(made);
  try {
    const wasDeclined = await declined(act);
    made.answered = !wasDeclined;
    if (wasDeclined) wishes.splice(wishes.indexOf(made), 1);
  } finally {
    made.to = ++now.moment;
  }
}

async function setStatus({ app, person }: Trace, status: 'active' | 'leaving'): Promise<void> {
  await app.connection.collection<AccountDocument>(ACCOUNTS).updateOne({ _id: person.accountId }, { $set: { status } });
}

async function send(trace: Trace, isFresh: boolean): Promise<void> {
  const { app, acts, person, now, held, switches, figures } = trace;
  const asked = ++now.moment;
  const proof = isFresh ? await acts.proveNews(app, person) : held.proof;
  const from = ++now.moment;
  let sentAt: number | undefined;
  const effect = () => {
    sentAt = ++now.moment;
  };
  if (proof) await acts.send(app, proof, `${person.accountId}-${from}`, effect);
  const to = ++now.moment;
  if (sentAt !== undefined) {
    figures.sent += 1;
    judge(trace, switches.news, { from, to: sentAt }, 'news went out');
    return;
  }
  figures.withheld += 1;
  const span = { from: asked, to };
  if (isFresh && wasOn(switches.news, span) && wasOn(switches.active, span))
    throw new Violation('news was withheld from somebody who wants it');
}

async function look(trace: Trace, slug: string): Promise<void> {
  const { app, acts, now, switches, figures } = trace;
  const from = ++now.moment;
  if (!(await acts.look(app, slug))) return;
  figures.seen += 1;
  judge(trace, switches.gallery, { from, to: ++now.moment }, 'a video was seen');
}

function judge({ switches, figures }: Trace, wishes: Switch, span: Span, what: string): void {
  if (canBeOn(wishes, span) && canBeOn(switches.active, span)) return;
  figures.unlawful += 1;
  throw new Violation(`${what} without a live consent`);
}

/** Under which names the video stands in the gallery, or has just stood there. */
async function slugsOf({ app, person }: Trace): Promise<string[]> {
  const items = app.connection.collection<GalleryItemDocument>(GALLERY_ITEMS);
  return (await items.find({ generation: person.generation._id }).toArray()).map(({ _id }) => _id);
}

/** Everything is withdrawn: then nothing goes out or is seen any more. */
async function finish(trace: Trace): Promise<void> {
  const { app, acts, person, switches, now } = trace;
  await acts.settled();
  const end = { from: ++now.moment, to: ++now.moment };
  if (canBeOn(switches.news, end)) await wish(trace, switches.news, false, () => acts.withdraw(app, person, NEWS));
  if (canBeOn(switches.gallery, end))
    await wish(trace, switches.gallery, false, () => acts.withdraw(app, person, galleryOf(person)));
  await acts.settled();
  if (switches.news.length > 0) await send(trace, true);
  if (switches.gallery.length > 0) for (const slug of await slugsOf(trace)) await look(trace, slug);
}
