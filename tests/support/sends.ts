import type { Place, Reply, Send, SendOptions, Sends, Sent } from '../../core/chat.ts';
import { wordsOf } from './requests.ts';

export interface Sending {
  place: Place;
  reply: Reply;
  options: SendOptions;
  words: string;
}

/** A chat platform's Send that writes down what it was given; `fail` is thrown instead, first come first served. */
export function recordSends(sent: Sent = { message: '1' }): { sends: Sends; sendings: Sending[]; fail: Error[] } {
  const sendings: Sending[] = [];
  const fail: Error[] = [];
  const send: Send = async (place, reply, options) => {
    const error = fail.shift();
    if (error) throw error;
    sendings.push({ place, reply, options, words: wordsOf(reply.text) });
    return sent;
  };
  return { sends: { telegram: send, discord: send }, sendings, fail };
}
