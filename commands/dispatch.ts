import { randomUUID } from 'node:crypto';
import { openAccount } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import type { Reply, Request } from '../core/chat.ts';
import { UserError } from '../core/errors.ts';
import { describe } from '../core/log.ts';
import type { Command } from './command.ts';
import { readOptions } from './options.ts';

/** The one road from a request to its Reply: account → options → run. Never throws: an error becomes a Reply too. */
export async function dispatch(app: App, commands: readonly Command[], request: Request): Promise<Reply> {
  const command = commands.find(({ name }) => name === request.command);
  if (!command) return { text: ['I do not know that command. /help shows what I can do.'], private: true };
  const noted = { request: request.id, command: command.name, platform: request.place.platform };
  try {
    const account = await openAccount(app, request);
    // A request that came before gets its first answer, even when its picture or its credits are gone by now.
    const options = account.earlier ? readEarlier(command, request) : readOptions(command, request);
    const call = { app, account, place: request.place, options, id: request.id, at: request.at };
    const reply = await command.run(call as Parameters<Command['run']>[0]);
    app.log.info('answered', { ...noted, milliseconds: app.now() - request.at });
    return command.private ? { ...reply, private: true } : reply;
  } catch (error) {
    if (error instanceof UserError) {
      app.log.info('declined', { ...noted, code: error.code });
      return { text: [error.message], ...(command.private && { private: true }) };
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

function readEarlier(command: Command, request: Request) {
  try {
    return readOptions(command, request);
  } catch {
    return {};
  }
}
