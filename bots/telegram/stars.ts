import { type Api, GrammyError } from 'grammy';
import type { StarTransaction as Row } from 'grammy/types';
import type { StarsRail, StarTransaction } from '../../core/payments/rail.ts';
import { createPatientApi } from './api.ts';
import { withoutSecrets } from './refusals.ts';

/** Telegram gives out no more at once: core.telegram.org/bots/api#getstartransactions. */
const PAGE = 100;

/** Telegram's side of the payments in Stars. Every method throws an Error without the token when Telegram refuses or cannot be reached. */
export function createStarsRail({ token, apiRoot }: { token: string; apiRoot?: string | undefined }): StarsRail {
  const api = createPatientApi(token, apiRoot, async () => {});
  const safely = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw withoutSecrets(error, token);
    }
  };
  const pageOf = createPages(api);
  return {
    refund: (user, charge) => safely(refund(api, user, charge)),
    transactions: (offset) => safely(pageOf(offset)),
    async cancelSubscription(user, charge, isCancelled) {
      await safely(api.editUserStarSubscription(Number(user), charge, isCancelled));
    },
  };
}

/** A charge that was refunded before counts as refunded now. */
async function refund(api: Api, user: string, charge: string): Promise<void> {
  try {
    await api.refundStarPayment(Number(user), charge);
  } catch (error) {
    if (error instanceof GrammyError && error.description.includes('CHARGE_ALREADY_REFUNDED')) return;
    throw error;
  }
}

/** Pages of payments and refunds. Telegram's own list also holds withdrawals and the like, so the two count differently. */
function createPages(api: Api): (offset: number) => Promise<StarTransaction[]> {
  const known = [{ ours: 0, theirs: 0 }];
  return async (offset) => {
    let { ours, theirs } = known.findLast((mark) => mark.ours <= offset) ?? { ours: 0, theirs: 0 };
    const page: StarTransaction[] = [];
    for (;;) {
      const { transactions } = await api.getStarTransactions({ offset: theirs, limit: PAGE });
      if (transactions.length === 0) return page;
      for (const row of transactions) {
        theirs += 1;
        const transaction = transactionOf(row);
        if (!transaction) continue;
        ours += 1;
        if (ours > offset) page.push(transaction);
        if (page.length < PAGE) continue;
        if (ours > (known.at(-1)?.ours ?? 0)) known.push({ ours, theirs });
        return page;
      }
    }
  };
}

/** A refund carries the id of its payment. What the app stores take back has no partner that the types name, so `other` counts too. */
function transactionOf({ id, amount, date, source, receiver }: Row): StarTransaction | undefined {
  const partner = source ?? receiver;
  const base = { charge: id, kind: source ? 'payment' : 'refund', stars: Math.abs(amount), at: date * 1000 } as const;
  if (partner?.type === 'other' && receiver) return base;
  if (partner?.type !== 'user' || partner.transaction_type !== 'invoice_payment') return undefined;
  return { ...base, user: String(partner.user.id), ...(partner.invoice_payload && { order: partner.invoice_payload }) };
}
