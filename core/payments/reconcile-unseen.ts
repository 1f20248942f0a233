import type { App } from '../app.ts';
import type { PaymentKind, PaymentProvider } from './payment.ts';
import type { Run } from './reconcile-run.ts';
import { isUnknown } from './stripe.ts';

export interface Books {
  provider: PaymentProvider;
  kind?: PaymentKind;
  /** What the rail has listed. */
  seen: ReadonlySet<string>;
  /** Asks for one that was not listed, which may be older than the window; without it nothing older is looked at. */
  exists?: (ext: string) => Promise<unknown>;
}

const PAGE = 100;
/** A payment that comes a day into the window has its object inside the window, unless that was long under way. */
const MARGIN_MS = 86_400_000;

/** Payments in our books that the rail knows nothing of. They are reported and never taken back: a rail may forget. */
export async function checkUnseen(app: App, run: Run, { provider, kind, seen, exists }: Books): Promise<void> {
  const grantedAt = { $gte: new Date(run.since + MARGIN_MS), $lte: new Date(run.settledBy) };
  for (let after = ''; ; ) {
    const page = await app.models.payments
      .find({ _id: { $gt: after }, provider, grantedAt, ...(kind && { kind }) }, { ext: 1 })
      .sort({ _id: 1 })
      .limit(PAGE)
      .lean();
    for (const { _id: reference, ext = '' } of page) {
      if (!seen.has(ext) && !(await isThere(ext, exists))) run.drift.push({ code: 'rail_does_not_know_it', reference });
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last._id;
    await run.rest();
  }
}

async function isThere(ext: string, exists: Books['exists']): Promise<boolean> {
  try {
    return exists !== undefined && (await exists(ext)) !== undefined;
  } catch (error) {
    if (isUnknown(error)) return false;
    throw error;
  }
}
