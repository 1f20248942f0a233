import { credits } from './amounts.ts';

const REASONS: Record<string, string> = {
  content_policy: 'the video model declined this prompt. Try other words',
  invalid_input: 'the video model cannot work with this input. Try another picture or other words',
  provider_error: 'the video model had a problem. Please try again',
  expired: 'the video model lost the job. Please try again',
  submit_unknown: 'the video model did not answer in time. Please try again',
  too_late: 'it took too long, so I stopped it. Please try again',
  cancelled: 'you cancelled it',
};

/** Why there is no video, for the person: "the video model had a problem. Please try again". */
export const reasonOf = (fault: string | undefined): string =>
  REASONS[fault ?? ''] ?? 'something went wrong on our side. Please try again';

/** Why a request could not start. Nothing was charged. */
export function refusalOf({
  reason,
  price,
  available,
  held,
}: {
  reason: string;
  price: number;
  available: number;
  held: number;
}): string {
  if (reason === 'busy_with_other_jobs') {
    return `This video costs ${credits(price)}. You have ${available} free, and ${held} are set aside for videos that are still being made. Wait for one, or cancel one with /cancel. Nothing was charged.`;
  }
  if (reason === 'insufficient') {
    return `This video costs ${credits(price)} and you have ${available}. A shorter one costs less: two credits a second. /buy has more. Nothing was charged.`;
  }
  if (reason === 'in_debt') {
    return 'Credits that you had used were paid back, so you owe them first: /balance shows how many, and /buy has more. Nothing was charged.';
  }
  if (reason === 'account_restricted') {
    return 'A payment of yours is being disputed, so no new video can start until that is settled. /paysupport helps. Nothing was charged.';
  }
  return 'Your credits cannot be used at the moment. Please write to support@lpmai.art. Nothing was charged.';
}
