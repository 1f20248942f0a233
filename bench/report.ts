import type { Strain } from './bot-process.ts';
import { percentile, type Spread, spread } from './percentiles.ts';
import { type Mark, PLATFORMS, type PlatformName, type Sighting } from './sightings.ts';

/** One measured round: what the product's people and what the no-op bot's people saw, one right after the other. */
export interface Round {
  product: readonly Sighting[];
  floor: readonly Sighting[];
  /** What the product's process did from the asking until everybody was acknowledged. */
  strain: Strain;
}

/** Milliseconds until 99 of 100 must have seen that the bot is at work. */
const ACKNOWLEDGED_MS = 300;
/** Discord fails an answer that was neither given nor deferred after 3 s; Telegram's 30 messages a second let the 50th go after 1 to 2 s, and 1 s is ours. */
const ANSWERED_MS = 3000;
/** As often as long as the no-op bot's: it does nothing else, while ours also accepts all of the requests. */
const TIMES_FLOOR = 5;

const WHY: Record<PlatformName, string> = {
  discord: 'what Discord allows without a deferral',
  telegram: "Telegram's 30 messages a second make the last of 50 wait 1 to 2 s",
};

/** The lines to print, and whether the acknowledgements hold their bound: the median of the rounds' p99 is judged. */
export function judge(rounds: readonly Round[]): { lines: string[]; passed: boolean } {
  const judged = PLATFORMS.map((platform) => ({ platform, p99: p99Of(rounds, 'product', platform, 'acknowledged') }));
  const passed = judged.every(({ p99 }) => p99.median < ACKNOWLEDGED_MS);
  const acknowledged = judged.map(({ platform, p99 }) => {
    const verdict = p99.median < ACKNOWLEDGED_MS ? 'PASS' : 'FAIL';
    return `${figures('ack', rounds, platform, 'acknowledged')}   bound p99 < ${ACKNOWLEDGED_MS} ms: ${verdict}`;
  });
  const answered = PLATFORMS.map((platform) => {
    const held = p99Of(rounds, 'product', platform, 'answered').median < ANSWERED_MS;
    return `${figures('words', rounds, platform, 'answered')}   beside ${ANSWERED_MS} ms (${WHY[platform]}): ${within(held)}`;
  });
  const ratios = judged.map(({ platform, p99 }) => {
    const floor = p99Of(rounds, 'floor', platform, 'acknowledged');
    const ratio = p99.median / floor.median;
    const words = `no-op bot p99 ${show(floor)}, ours is ${ratio.toFixed(1)} times that`;
    return `${name('ratio', platform)} ${words}   beside ${TIMES_FLOOR} times: ${within(ratio <= TIMES_FLOOR)}`;
  });
  const ran = spread(rounds.map(({ strain }) => strain.ran));
  const waited = spread(rounds.map(({ strain }) => strain.waited));
  const noise = `until all were acknowledged the product ran ${show(ran)} and waited ${show(waited)} for a processor`;
  return { lines: [...acknowledged, ...answered, ...ratios, noise], passed };
}

function figures(what: string, rounds: readonly Round[], platform: PlatformName, mark: Mark): string {
  const all = rounds.flatMap(({ product }) => times(product, platform, mark));
  const ends = `p50 ${ms(percentile(all, 0.5))}  p99 ${show(p99Of(rounds, 'product', platform, mark))}`;
  return `${name(what, platform)} ${ends}  all ${all.length}: p99 ${ms(percentile(all, 0.99))}, max ${ms(Math.max(...all))}`;
}

const p99Of = (rounds: readonly Round[], side: 'product' | 'floor', platform: PlatformName, mark: Mark): Spread =>
  spread(rounds.map((round) => percentile(times(round[side], platform, mark), 0.99)));

const times = (sightings: readonly Sighting[], platform: PlatformName, mark: Mark): number[] =>
  sightings.flatMap((sighting) => (sighting.platform === platform ? (sighting[mark] ?? []) : []));

const within = (held: boolean): string => (held ? 'within' : 'over');
const name = (what: string, platform: PlatformName): string => `${what.padEnd(5)} ${platform.padEnd(8)}`;
const ms = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;
const show = ({ median, min, max }: Spread): string => `${Math.round(median)} [${Math.round(min)}..${Math.round(max)}] ms`;
