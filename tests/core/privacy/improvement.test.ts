import { beforeEach, describe, expect, test } from 'vitest';
import { prove, withdrawConsent } from '../../../core/privacy/consents.ts';
import { privacyEventsOf } from '../../../core/privacy/events.ts';
import { countDay, dayOf, FEWEST_PEOPLE, MOST_OF_ONE, reviewSample } from '../../../core/privacy/improvement.ts';
import type { GenerationDocument } from '../../../models/generation.ts';
import { sample } from '../../../operate/sample.ts';
import { countUsage } from '../../../workers/usage.ts';
import { agree, newMaker, newVideo, openOnce } from './makers.ts';

const { app, clock } = openOnce();
const NOON = Date.parse('2026-05-05T12:00:00Z');
const DAY_MS = 86_400_000;
const DAY = dayOf(NOON);

beforeEach(async () => {
  clock.now = NOON;
  const { generations, usageCounts, walks } = app().models;
  await generations.deleteMany({});
  await usageCounts.deleteMany({});
  await walks.deleteMany({});
});

let count = 0;

/** Ended videos of `people` accounts, `each` of every one. */
async function make(people: number, each = 1, changes: Partial<GenerationDocument> = {}): Promise<void> {
  count += 1;
  const run = count;
  const createdAt = new Date(clock.now);
  const sealed = app().keys.sealDeployment({ collection: 'generations', id: 'any', path: 'prompt' }, 'secret words');
  const rows = Array.from({ length: people * each }, (_, index): GenerationDocument => {
    const accountId = `secret-account-${run}-${index % people}`;
    return {
      ...{ _id: `secret-id-${run}-${index}`, accountId, keyId: 'k', rev: 1, state: 'delivered', hasImage: false },
      ...{ prompt: sealed, place: sealed },
      ...{ style: 'noir', aspectRatio: '1:1', seconds: 4, seed: 1, price: 8, tries: 0, createdAt, deadlineAt: createdAt },
      ...changes,
    };
  });
  await app().connection.collection<GenerationDocument>('generations').insertMany(rows);
}

const counts = () => app().models.usageCounts.find({}, { _id: 0 }).sort({ _id: 1 }).lean();

describe('the anonymous counts', () => {
  test('hold only cells of at least twenty people, and nothing of a smaller one', async () => {
    await make(FEWEST_PEOPLE);
    await make(FEWEST_PEOPLE - 1, 1, { style: 'neon' });
    await countDay(app(), DAY);
    expect(await counts()).toEqual([
      {
        ...{ day: DAY, source: 'words', style: 'noir', aspectRatio: '1:1' },
        ...{ length: 'short', outcome: 'made', videos: FEWEST_PEOPLE },
      },
    ]);
  });

  test('count two accounts that share a wallet as one person', async () => {
    await make(FEWEST_PEOPLE - 1);
    await make(2, 1, { wallet: 'shared' });
    await countDay(app(), DAY);
    expect((await counts()).length).toBe(1);
    await app().models.usageCounts.deleteMany({});
    await app().models.generations.deleteOne({ wallet: { $exists: false } });
    await countDay(app(), DAY);
    expect(await counts()).toEqual([]);
  });

  test('are not made up by one person: with twenty people nobody is a tenth of a cell', async () => {
    await make(FEWEST_PEOPLE);
    await make(1, 500, { accountId: 'secret-busy' });
    await countDay(app(), DAY);
    const [cell] = await counts();
    expect(cell?.videos).toBe(FEWEST_PEOPLE + MOST_OF_ONE);
    expect(MOST_OF_ONE / (FEWEST_PEOPLE - 1 + MOST_OF_ONE)).toBeLessThan(0.1);
  });

  test('hold no id, no text and no hash, and cannot be joined from day to day', async () => {
    await make(FEWEST_PEOPLE);
    await countDay(app(), DAY);
    clock.now += DAY_MS;
    await make(FEWEST_PEOPLE);
    await countDay(app(), dayOf(clock.now));
    const rows = await app().models.usageCounts.find().lean();
    expect(rows).toHaveLength(2);
    const words = ['words', 'noir', '1:1', 'short', 'made'];
    for (const row of rows) {
      expect(JSON.stringify(row)).not.toContain('secret');
      const strings = Object.entries(row).filter(([name, value]) => name !== '_id' && typeof value === 'string');
      expect(strings.map(([, value]) => value).sort()).toEqual([row.day, ...words].sort());
      expect(row._id).toBe([row.day, ...words].join(' '));
    }
  });

  test('tell words from pictures, the lengths and the outcomes apart', async () => {
    await make(20, 1, { hasImage: true, seconds: 5 });
    await make(20, 1, { seconds: 8, free: true });
    await make(20, 1, { state: 'told', fault: 'cancelled' });
    await make(20, 1, { state: 'told', fault: 'content_policy' });
    await make(20, 1, { state: 'failed', fault: 'too_late', free: true });
    for (const state of ['asked', 'queued', 'rejected'] as const) await make(20, 1, { state });
    await make(20, 1, { createdAt: new Date(NOON - DAY_MS) });
    await make(20, 1, { style: 'secret style' });
    await countDay(app(), DAY);
    expect((await counts()).map(({ source, length, outcome, videos }) => [source, length, outcome, videos])).toEqual(
      expect.arrayContaining([
        ['picture', 'middle', 'made', 20],
        ['words', 'long', 'late', 20],
        ['words', 'short', 'cancelled', 20],
        ['words', 'short', 'refused', 20],
        ['words', 'short', 'failed', 20],
      ]),
    );
    expect(await counts()).toHaveLength(5);
  });

  test('stay as they are when a day is counted again after somebody has left', async () => {
    await make(FEWEST_PEOPLE + 1);
    await countDay(app(), DAY);
    const before = await counts();
    await app().models.generations.deleteMany({ _id: /-0$/ });
    await countDay(app(), DAY);
    expect(await counts()).toEqual(before);
  });
});

test('each day is counted once, when its last video has ended, and missed days are made good', async () => {
  await make(20);
  clock.now = Date.parse('2026-05-06T05:59:00Z');
  await countUsage(app());
  expect(await counts()).toEqual([]);
  await app().models.walks.deleteMany({});
  clock.now = Date.parse('2026-05-06T06:00:00Z');
  expect(await countUsage(app())).toBe(1);
  expect((await counts()).map(({ day }) => day)).toEqual(['2026-05-05']);
  clock.now += 2 * DAY_MS;
  await make(20);
  clock.now += DAY_MS;
  expect(await countUsage(app())).toBe(3);
  expect((await counts()).map(({ day }) => day)).toEqual(['2026-05-05', '2026-05-08']);
  clock.now += 2 * 3_600_000;
  expect(await countUsage(app())).toBe(0);
});

describe('quality review', () => {
  test('shows nothing when nobody agrees', async () => {
    await newVideo(app(), await newMaker(app()));
    expect((await sample(app())).join()).toContain('Nobody agrees');
  });

  test('shows one video of somebody who agrees, and their access log tells of it', async () => {
    const maker = await newMaker(app());
    await newVideo(app(), await newMaker(app()));
    const generation = await newVideo(app(), maker);
    await agree(app(), maker, 'improvement');
    const lines = (await sample(app())).join('\n');
    expect(lines).toContain(generation._id);
    expect(lines).toContain('a fox in the snow');
    const [event] = await privacyEventsOf(app(), [maker.id], 10);
    expect(event).toMatchObject({ actor: 'staff', reason: 'quality_review', action: 'looked_at_video' });
    const act = { account: maker, purpose: 'improvement', channel: 'telegram', language: 'en', at: clock.now } as const;
    await withdrawConsent(app(), act);
    expect((await sample(app())).join()).toContain('Nobody agrees');
    expect(await privacyEventsOf(app(), [maker.id], 10)).toHaveLength(1);
  });

  test('shows nothing for the proof of somebody else, nor for an old one', async () => {
    const maker = await newMaker(app());
    const generation = await newVideo(app(), maker);
    await agree(app(), maker, 'improvement');
    const proof = await prove(app(), maker.id, 'improvement');
    if (!proof) throw new Error('it was agreed to');
    const foreign = await newVideo(app(), await newMaker(app()));
    await expect(reviewSample(app(), proof, foreign)).rejects.toMatchObject({ code: 'no_consent' });
    clock.now += 5_001;
    await expect(reviewSample(app(), proof, generation)).rejects.toMatchObject({ code: 'no_consent' });
    expect(await privacyEventsOf(app(), [maker.id], 10)).toEqual([]);
  });

  test('shows nothing where the look cannot be written into the access log', async () => {
    const maker = await newMaker(app());
    await newVideo(app(), maker);
    await agree(app(), maker, 'improvement');
    const { connection } = app();
    const broken = new Proxy(connection, {
      get: (target, name) =>
        name === 'collection'
          ? (asked: string) => {
              if (asked === 'privacyevents') throw new Error('the log is away');
              return target.collection(asked);
            }
          : Reflect.get(target, name, target),
    });
    await expect(sample({ ...app(), connection: broken })).rejects.toThrow('the log is away');
  });
});
