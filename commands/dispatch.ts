import { randomUUID } from 'node:crypto';
import { type Account, openAccount } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import type { Reply, Request } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import { KeyDestroyed } from '../core/keys.ts';
import { describe } from '../core/log.ts';
import { withNotice } from '../core/privacy/notices.ts';
import type { Command } from './command.ts';
import { readOptions } from './options.ts';

/** The one road from a request to its Reply: account → options → run. Never throws: an error becomes a Reply too. */
export async function dispatch(app: App, commands: readonly Command[], asked: Request): Promise<Reply> {
  const known: { account?: Account } = {};
  const reply = await answer(app, commands, asked, known);
  return known.account ? withNotice(app, known.account, reply, asked.at) : reply;
}

/** Leaves the account in `known` as soon as it is, so that a failure is told to somebody too. */
async function answer(app: App, commands: readonly Command[], asked: Request, known: { account?: Account }): Promise<Reply> {
  const named = commands.find(({ name }) => name === asked.command);
  if (!named) return { text: ['I do not know that command. /help shows what I can do.'], private: true };
  const { command, request } = withSubcommand(named, asked);
  const isPrivate = named.private ?? command.private;
  const name = command === named ? named.name : `${named.name} ${command.name}`;
  const noted = { request: request.id, command: name, platform: request.place.platform };
  try {
    const account = await openAccount(app, request);
    known.account = account;
    if (account.status === 'leaving' && !command.whileLeaving) return { ...leaving(account), private: true };
    // A request that came before gets its first answer, even when its picture or its credits are gone by now.
    const options = account.earlier ? readEarlier(command, request) : readOptions({ ...command, name }, request);
    const call = { app, account, place: request.place, options, id: request.id, at: request.at };
    const reply = await command.run(call as Parameters<Command['run']>[0]);
    app.log.info('answered', { ...noted, milliseconds: app.now() - request.at });
    return isPrivate ? { ...reply, private: true } : reply;
  } catch (error) {
    if (error instanceof UserError) {
      app.log.info('declined', { ...noted, code: error.code });
      return { text: [error.message], ...(isPrivate && { private: true }) };
    }
    if (error instanceof KeyDestroyed) {
      app.log.info('declined', { ...noted, code: 'account_erasing' });
      return {
        text: ['Your account is being deleted at this moment. Nothing was charged. In a minute you can begin anew.'],
        private: true,
      };
    }
    const reference = randomUUID().slice(0, 8);
    app.log.error('request failed', { ...noted, reference, ...describe(error) });
    return {
      text: [
        'Something broke on our side, and nothing was charged. Please try again in a minute. If it stays, tell support@lpmai.art this reference: ',
        { code: reference },
      ],
    };
  }
}

/** The sub-command that is named first, and the request without its name; the command itself where none is. */
function withSubcommand(command: Command, request: Request): { command: Command; request: Request } {
  const [, first = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(request.words ?? '') ?? [];
  const sub = command.subcommands?.find(({ name }) => name === (request.sub ?? first.toLowerCase()));
  if (!sub) return { command, request };
  return { command: sub, request: request.sub ? request : { ...request, words: rest } };
}

function leaving({ erasure = '' }: Account): Reply {
  return {
    text: ['Your account is about to be deleted, so I make nothing new. Nothing was charged.'],
    buttons: [
      [
        { label: 'Keep my account', command: `privacy delete keep=${erasure}`, tone: 'primary' },
        { label: 'Delete it now', command: `privacy delete now=${erasure}`, tone: 'danger' },
      ],
    ],
  };
}

function readEarlier(command: Command, request: Request) {
  try {
    return readOptions(command, request);
  } catch {
    return {};
  }
}
