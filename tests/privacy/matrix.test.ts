import { afterAll, beforeAll, expect, test } from 'vitest';
import { visit } from '../web/visit.ts';
import { attack, attackAll, revealedIn, type Verdict } from './matrix/attack.ts';
import { OPEN } from './matrix/open.ts';
import { differences, foreignIds, snapshotOf } from './matrix/owned.ts';
import { collectionsWithOwners, oneOfEachCollection, someOfEachShape } from './matrix/select.ts';
import { openStage, type Stage } from './matrix/stage.ts';
import { entering, linked, MUTANTS, newStranger, pressing, type Stranger } from './matrix/strangers.ts';
import { madeVisits, openBrowser, seenVisits, tokenVisits } from './matrix/visits.ts';
import { buildWorld, type World } from './matrix/world.ts';

let stage: Stage;
let world: World;
/** Strangers to A: B on Telegram, somebody on Discord, and two who link their accounts. */
let strangers: Record<'b' | 'onDiscord' | 'one' | 'other', Stranger>;

beforeAll(async () => {
  stage = await openStage();
  strangers = {
    b: await newStranger(stage, 'telegram', 'Ben'),
    onDiscord: await newStranger(stage, 'discord', 'Dee'),
    one: await newStranger(stage, 'telegram', 'Eve'),
    other: await newStranger(stage, 'discord', 'Eve'),
  };
  world = await buildWorld(stage);
}, 120_000);
afterAll(() => stage?.close());

function expectDenied(what: string, { pairs, denied, faults }: Verdict): void {
  expect(faults).toEqual([]);
  expect(denied).toBe(pairs);
  console.info(`${what}: ${denied} of ${pairs} denied`);
}

const group = (user: string) => ({ platform: 'telegram', chat: '-1005550001', user, group: true }) as const;

test('A has something in every collection that holds anything of a person', async () => {
  const found = new Set([...(await snapshotOf(stage.app, world.victims)).keys()].map((name) => name.split(' ')[0]));
  expect(collectionsWithOwners().filter((name) => !found.has(name))).toEqual([]);
  const states = new Set(world.ids.map(({ where, state }) => `${where} ${state}`));
  for (const state of ['offered', 'doubted', 'waiting', 'running', 'kept']) expect(states).toContain(`erasures._id ${state}`);
  for (const state of ['queued', 'asked', 'delivered']) expect(states).toContain(`generations._id ${state}`);
  for (const state of ['ready', 'queued']) expect(states).toContain(`archives._id ${state}`);
  for (const { code, token } of world.downloads) expect(`${code} ${token}`).toMatch(/^\d{6} [\w-]{22}\.\d+\.[\w-]{20,}$/);
  expect(world.seen.lines.size).toBeGreaterThan(150);
});

test('B is denied every button, command and id of A: in private, in a group and on Discord', { timeout: 600_000 }, async () => {
  const { b, onDiscord } = strangers;
  const some = someOfEachShape(world.seen.lines);
  const codes = world.codes.map((code) => `link code=${code}`);
  const attempts = new Map([
    ['in private', pressing(b, world.seen.lines)],
    ['in a group', pressing(b, some, { place: group(b.user) })],
    ['on Discord', pressing(onDiscord, some, { apart: true })],
    ['with the codes of A', [...pressing(b, codes), ...pressing(onDiscord, codes)]],
    ...entering(b, world),
  ]);
  expectDenied('B against buttons, commands and ids', await attackAll(world, attempts));
  expect(await foreignIds(stage.app, [b, onDiscord], world.ids)).toEqual([]);
});

test('so are two who have linked their accounts', { timeout: 600_000 }, async () => {
  const [one, other] = await linked(stage, strangers.one, strangers.other);
  const some = someOfEachShape(world.seen.lines);
  const attempts = new Map([
    ['linked, on Discord', pressing(other, some, { apart: true })],
    ...entering(one, world, {}, oneOfEachCollection(world.ids)),
  ]);
  expectDenied('B linked with D', await attackAll(world, attempts));
  expect(await foreignIds(stage.app, [one, other], world.ids)).toEqual([]);
});

test('so is one who was linked with A, with every button from that time', { timeout: 600_000 }, async () => {
  const x: Stranger = { ...world.x, ownVideos: new Set() };
  expect([...world.xSeen.lines].filter((line) => /sure=|later=|download=|show=/.test(line)).length).toBeGreaterThan(5);
  expectDenied('X, parted from A', await attack(world, 'parted', pressing(x, world.xSeen.lines)));
});

test('a message of B that comes under an id that one of A had is told apart', async () => {
  const ids = world.ids.filter(({ where }) => where === 'generations._id');
  const lines = ['generate a boat', 'generate again=x', 'animate a boat', 'privacy export content=data'];
  const attempts = ids.flatMap(({ id }) =>
    pressing(strangers.b, lines, { id, image: Buffer.from('no picture') }).map((attempt) => ({
      ...attempt,
      sent: id,
      async go() {
        const got = await attempt.go();
        expect(got.text).toContain('I could not tell your message from an older one.');
        return got;
      },
    })),
  );
  expectDenied('B under ids of requests', await attack(world, 'under an id', attempts));
});

test('B is denied every address that A saw, and every one that can be made of an id', { timeout: 600_000 }, async () => {
  const browser = await openBrowser(strangers.b);
  const attempts = new Map([
    ['seen', seenVisits(world, browser)],
    ['media', tokenVisits(world, browser)],
    ['made of ids', madeVisits(world, browser)],
  ]);
  expectDenied('B against addresses', await attackAll(world, attempts));
  // All of it was there to be had: in A's browser each link leads to what it is for.
  for (const { media, cookie } of world.downloads) expect((await visit(media, { headers: { cookie } })).status).toBe(200);
});

test('an address of media ends with its pass, also in the browser of A', async () => {
  const { clock } = stage;
  const now = clock.at;
  clock.at += 15 * 60_000;
  for (const { media, cookie } of world.downloads) expect((await visit(media, { headers: { cookie } })).status).toBe(404);
  clock.at = now;
});

test('the same checks catch a command that looks a video up without its owner', { timeout: 600_000 }, async () => {
  const caught: string[] = [];
  const ids = world.ids.filter(({ where }) => where === 'generations._id');
  for (const [option, attempts] of entering(strangers.b, world, { commands: MUTANTS }, ids)) {
    const { denied, pairs, faults } = await attack(world, option, attempts);
    if (denied < pairs) caught.push(`${option} ${/reveals|gives|differs/.exec(faults.join())?.[0]}`);
  }
  expect(caught).toEqual(['/peek id= reveals', '/touch id= differs', '/take id= gives']);
});

test('what is open to whoever has the address reveals nothing of A and changes no more than it is for', async () => {
  const { app } = stage;
  for (const { what, why, changes, gift, go } of OPEN) {
    const before = await snapshotOf(app, world.victims);
    const got = await go(world);
    expect([what, revealedIn(world.secrets, got.known, got.text)]).toEqual([what, []]);
    const unexpected = differences(before, await snapshotOf(app, world.victims)).filter((change) => !changes?.test(change));
    expect([what, unexpected]).toEqual([what, []]);
    expect([what, gift ? gift.test(got.gift ?? '') : got.gift === undefined]).toEqual([what, true]);
    console.info(`open by design: ${what}: ${why}`);
  }
});
