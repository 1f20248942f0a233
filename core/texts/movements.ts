import type { Entry } from '../credits/types.ts';
import { credits } from './amounts.ts';

/** What an entry did, in plain words: "Video: 12 reserved". Undefined when no credits moved and nothing else changed for the person. */
export function movementOf(entry: Entry, bought?: string): string | undefined {
  const expired = breakageOf(entry);
  const said = [mainOf(entry, bought), ...(expired > 0 && entry.type !== 'expire' ? [`${expired} expired`] : [])];
  return said.filter(Boolean).join(', ') || undefined;
}

function mainOf(entry: Entry, bought: string | undefined): string | undefined {
  const { type, result } = entry;
  switch (type) {
    case 'grant':
      return `${grantedAs(entry, bought)}: +${receivedOf(entry)}`;
    case 'adjust':
      return `From us: +${receivedOf(entry)}`;
    case 'reserve':
      return `Video: ${posted(entry, 'held')} reserved`;
    case 'capture':
      return `Video: ${result.captured ?? 0} used${result.returned ? `, ${result.returned} returned` : ''}`;
    case 'release':
      return `Video: ${result.returned ?? 0} returned`;
    case 'expire':
      return `Expired: ${result.expired ?? 0}`;
    case 'clawbackTo':
      return reversalOf(result.reversed ?? 0, bought);
    case 'restrict':
      return result.restricted
        ? 'A payment is disputed: no new videos until that is settled'
        : 'The dispute is settled: new videos are possible again';
    case 'transferOut':
      return `Moved to your other account: ${-posted(entry, 'available')}`;
    case 'transferIn':
      return `Came from your other account: +${posted(entry, 'available')}`;
    default:
      return undefined;
  }
}

function grantedAs({ op }: Entry, bought: string | undefined): string {
  if (bought) return bought;
  return op === 'grant:promo:welcome' ? 'Welcome' : 'Credits';
}

function reversalOf(reversed: number, bought = 'A payment'): string | undefined {
  if (reversed === 0) return undefined;
  const what = credits(Math.abs(reversed));
  return reversed > 0 ? `${bought} was paid back: ${what} taken back` : `${bought} stays paid: ${what} given back`;
}

/** What came in, also as far as it went straight into a debt. */
const receivedOf = ({ postings }: Entry): number =>
  postings.reduce((sum, { account, amount }) => sum - (account.startsWith('sys:source:') ? amount : 0), 0);

const breakageOf = (entry: Entry): number => Math.max(0, posted(entry, 'sys:breakage'));

const posted = ({ postings }: Entry, name: string): number =>
  postings.reduce((sum, { account, amount }) => sum + (account === name ? amount : 0), 0);
