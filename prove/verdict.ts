import { applyCredits } from '../core/credits/account.ts';
import { checkBooks, checkInvariants, checkReplay } from '../core/credits/invariants.ts';
import { newTurns } from '../core/credits/turns.ts';
import type { CreditAccount, Entry, Op } from '../core/credits/types.ts';
import { CREDIT_ACCOUNTS, type CreditAccountDocument } from '../models/credit-account.ts';
import { LEDGER_ENTRIES, type LedgerEntryDocument } from '../models/ledger-entry.ts';
import { type Job, jobsOf, movesOf, paymentsOf, targetOf } from './callers.ts';
import type { Answer, Played } from './play.ts';

/** A history ended in a state that the rules do not allow. */
export class Violation extends Error {}

interface Stored {
  accounts: CreditAccount[];
  entries: Entry[];
}

/** Holds what is stored against the rules, against the callers' own documents and against every answer that was given. Throws a Violation. */
export async function judge(played: Played): Promise<void> {
  const stored = await read(played);
  const { accounts, entries } = stored;
  rule(() => {
    for (const account of accounts) checkInvariants(account, entriesOf(entries, account._id));
  });
  const underway = rule(() => checkBooks(accounts, entries));
  checkRestrictions(stored);
  checkAnswers(played.answers, entries);
  await checkJobs(played, stored);
  await checkPayments(played, stored);
  await checkRepeats(played, stored);
  if (underway.length > 0) throw new Violation(`these never arrived: ${underway}`);
}

async function read({ connection, story }: Pick<Played, 'connection' | 'story'>): Promise<Stored> {
  const among = { $in: [...story.accounts] };
  const accounts = await connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS).find({ _id: among }).toArray();
  const entries = await connection.collection<LedgerEntryDocument>(LEDGER_ENTRIES).find({ accountId: among }).toArray();
  const known = new Set(accounts.map(({ _id }) => _id));
  if (entries.some(({ accountId }) => !known.has(accountId))) throw new Violation('entries of an account that is not there');
  return { accounts, entries: entries.sort((a, b) => a.seq - b.seq) };
}

/** A broken invariant is what we look for; it is no failure of this program. */
function rule<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Violation(error instanceof Error ? error.message : String(error));
  }
}

const entriesOf = (entries: readonly Entry[], accountId: string) => entries.filter((entry) => entry.accountId === accountId);

function checkRestrictions({ accounts, entries }: Stored): void {
  for (const { _id, restrictions } of accounts) {
    const expected = new Set<string>();
    for (const { reason = '', result } of entriesOf(entries, _id)) {
      if (result.restricted === true) expected.add(reason);
      if (result.restricted === false) expected.delete(reason);
    }
    if (restrictions.length !== expected.size || restrictions.some((reason) => !expected.has(reason)))
      throw new Violation(`${_id} is restricted for ${restrictions} instead of ${[...expected]}`);
  }
}

/** Nobody was told that an operation took effect when it did not, or that it was refused when it had taken effect before they asked. */
function checkAnswers(answers: readonly Answer[], entries: readonly Entry[]): void {
  const log = new Map(entries.map((entry) => [`${entry.accountId} ${entry.op}`, entry]));
  const known = new Map<string, number>();
  for (const { accountId, op, outcome, answeredAt } of answers) {
    if (outcome.kind !== 'applied' && outcome.kind !== 'replayed') continue;
    const name = `${accountId} ${op.key}`;
    if (JSON.stringify(log.get(name)) !== JSON.stringify(outcome.entry))
      throw new Violation(`${name} is not in the log as it was shown`);
    known.set(name, Math.min(known.get(name) ?? answeredAt, answeredAt));
  }
  for (const { accountId, op, outcome, readAt } of answers) {
    const appliedAt = known.get(`${accountId} ${op.key}`);
    if (outcome.kind === 'rejected' && appliedAt !== undefined && appliedAt < readAt)
      throw new Violation(`I7, ${op.key} had taken effect and was refused: ${outcome.reason}`);
  }
}

/** What the ledger must show for a generation in each state, and whether the provider ever got it. */
const STATES: Record<Job['state'], { isOpen: boolean; settledBy: 'capture' | 'release' | undefined; hasSubmitted: boolean }> = {
  rejected: { isOpen: false, settledBy: undefined, hasSubmitted: false },
  queued: { isOpen: true, settledBy: undefined, hasSubmitted: false },
  submitted: { isOpen: true, settledBy: undefined, hasSubmitted: true },
  done: { isOpen: false, settledBy: 'capture', hasSubmitted: true },
  failed: { isOpen: false, settledBy: 'release', hasSubmitted: true },
  cancelled: { isOpen: false, settledBy: 'release', hasSubmitted: false },
};

/** A generation and its credits never disagree, and one that was submitted is not given away. */
async function checkJobs({ connection, story }: Played, { accounts, entries }: Stored): Promise<void> {
  const jobs = await jobsOf(connection)
    .find({ accountId: { $in: [...story.accounts] } })
    .toArray();
  const open = new Set(accounts.flatMap(({ holds }) => holds.map(({ id }) => id)));
  const reserved = new Set(entries.flatMap(({ type, holdId }) => (type === 'reserve' ? [holdId] : [])));
  const settled = new Map(
    entries.flatMap(({ type, holdId }) => (type === 'capture' || type === 'release' ? [[holdId, type]] : [])),
  );
  const wrong = ({ _id, state, wasSubmitted }: Job) => {
    const { isOpen, settledBy, hasSubmitted } = STATES[state];
    const isCharged = reserved.has(_id) === (state !== 'rejected');
    return open.has(_id) !== isOpen || settled.get(_id) !== settledBy || !isCharged || wasSubmitted !== hasSubmitted;
  };
  const bad = jobs.find(wrong);
  if (bad)
    throw new Violation(`generation and credits disagree: ${JSON.stringify([bad, open.has(bad._id), settled.get(bad._id)])}`);
  if (jobs.filter(({ state }) => state !== 'rejected').length !== reserved.size)
    throw new Violation('credits are held for no generation');
}

/** Paid means granted once; what is reversed of it is what its refunds and disputes ask for, wherever its lot is now. */
async function checkPayments({ connection, story }: Played, { accounts, entries }: Stored): Promise<void> {
  const payments = await paymentsOf(connection)
    .find({ _id: { $in: story.payments.map(({ id }) => id) } })
    .toArray();
  for (const { _id, state, amount, reversals } of payments) {
    const grants = entries.filter(({ type, lotId }) => type === 'grant' && lotId === _id);
    if (grants.length !== (state === 'paid' ? 1 : 0))
      throw new Violation(`payment ${_id} is ${state} and has ${grants.length} grants`);
    const lots = accounts.flatMap((account) => account.lots.filter(({ id }) => id === _id));
    const [lot] = lots;
    if (lots.length !== grants.length) throw new Violation(`payment ${_id} has ${lots.length} lots`);
    const target = targetOf(amount, reversals);
    if (lot && (lot.reversed !== target || lot.granted !== amount))
      throw new Violation(
        `payment ${_id} asks for ${target} of ${amount} back, the ledger has ${lot.reversed} of ${lot.granted}`,
      );
  }
  const moves = await movesOf(connection)
    .find({ _id: { $in: [...story.moves] } })
    .toArray();
  for (const { _id, state } of moves) {
    const left = entries.filter(({ op }) => op === `xfer:${_id}:out`).length;
    if (left !== (state === 'moved' ? 1 : 0)) throw new Violation(`${_id} is ${state} and left ${left} times`);
  }
}

/** Everything that took effect is asked for once more. */
async function checkRepeats({ connection, story, mutant, asked }: Played, before: Stored): Promise<void> {
  const outcomes = await Promise.all(
    before.entries.map(async (first) => {
      const { accountId, at } = first;
      const op = asked.get(`${accountId} ${first.op} ${first.opHash}`) ?? opOfMove(first);
      const wrapped = mutant.wrap(connection, { accountId, key: op.key });
      return { first, again: await applyCredits({ connection: wrapped, accountId, op, at, turns: newTurns() }) };
    }),
  );
  const after = await read({ connection, story });
  if (after.entries.length !== before.entries.length) throw new Violation('I7, repeats left entries');
  for (const { first, again } of outcomes) {
    const [was, is] = [before, after].map(({ accounts }) => accounts.find(({ _id }) => _id === first.accountId));
    if (was && is) rule(() => checkReplay(first, again, was, is));
  }
}

/** The operations of a transfer are made inside of it; its entries say what they were. */
function opOfMove({ op: key, type, result: { counterpart = '', moved: lots = [] } }: Entry): Op {
  if (type === 'transferOut') return { key, type, to: counterpart };
  if (type === 'transferIn') return { key, type, from: counterpart, lots };
  throw new Violation(`nobody asked for ${key}`);
}
