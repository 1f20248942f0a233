import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { walkBooks } from '../core/payments/reconcile-books.ts';
import { walkDiscord } from '../core/payments/reconcile-discord.ts';
import { EVENTS_WINDOW_MS, walkEvents } from '../core/payments/reconcile-events.ts';
import { walkDisputes, walkRefunds } from '../core/payments/reconcile-reversals.ts';
import { LeaseLost, type ReconciliationKind, type Report, type Run, runOnce } from '../core/payments/reconcile-run.ts';
import { walkStars } from '../core/payments/reconcile-stars.ts';
import { walkInvoices, walkSessions } from '../core/payments/reconcile-stripe.ts';

export type { Report } from '../core/payments/reconcile-run.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 10 * 60_000;
/** How far back the objects are compared every night. */
const WINDOW_MS = 35 * DAY_MS;
/** The night begins at 03:00 UTC. */
const NIGHT_MS = 3 * 3_600_000;

export interface Wishes {
  /** All of it at once, whether due or not. */
  now?: boolean;
  /** A person has decided that what went back at the rails is taken back here too. */
  takesBack?: boolean;
}

type Walk = (run: Run) => Promise<string | undefined>;

/**
 * Compares the rails with our books, as far as that is due: Stripe's events every ten minutes, everything else every night. Brings in what
 * is missing, reports the rest, never takes credits back by itself. Safe to run anywhere, at once, again, and to be killed.
 */
export async function reconcile(app: App, { now = false, takesBack = false }: Wishes = {}): Promise<Report[]> {
  const reports: Report[] = [];
  for (const [kind, walk] of Object.entries(walksOf(app)) as [ReconciliationKind, Walk | undefined][]) {
    if (!walk) continue;
    const isOften = kind === 'stripe_events';
    const windowMs = isOften ? EVENTS_WINDOW_MS : WINDOW_MS;
    const nextAt = isOften ? (at: number) => at + EVERY_MS - 1_000 : nextNight;
    try {
      const report = await runOnce(app, kind, { windowMs, nextAt, now, takesBack }, walk);
      if (report) reports.push(report);
    } catch (error) {
      if (error instanceof LeaseLost) continue;
      // A rail that is away does not keep the others from being compared; this one is due again.
      app.log.error('a comparison failed', { state: kind, ...describe(error) });
    }
  }
  return reports;
}

/** Money first, then what went back of it, then our own books. A rail that is not configured has nothing to compare. */
function walksOf(app: App): Record<ReconciliationKind, Walk | undefined> {
  const { stripe } = app;
  const { stars, premium } = app.rails;
  return {
    stripe_events: stripe && ((run) => walkEvents(app, stripe, run)),
    stripe_sessions: stripe && ((run) => walkSessions(app, stripe, run)),
    stripe_invoices: stripe && ((run) => walkInvoices(app, stripe, run)),
    stripe_refunds: stripe && ((run) => walkRefunds(app, stripe, run)),
    stripe_disputes: stripe && ((run) => walkDisputes(app, stripe, run)),
    stars: stars && ((run) => walkStars(app, stars, run)),
    discord: premium && ((run) => walkDiscord(app, premium, run)),
    books: (run) => walkBooks(app, run),
  };
}

const nextNight = (at: number): number => (Math.floor((at - NIGHT_MS) / DAY_MS) + 1) * DAY_MS + NIGHT_MS;

/** Looks every ten minutes what is due. `close` resolves when the look under way has ended. */
export function startReconcile(app: App): { close(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => reconcile(app));
  }, EVERY_MS);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
