import { expect, test, vi } from 'vitest';
import type { Reply } from '../../../core/chat.ts';
import { Undeliverable } from '../../../core/errors.ts';
import { Refusal } from '../../../simulator/telegram/index.ts';
import { buildGate, buildInbox, buildPicture, buildSend, buildTelegram, echo, startBot } from './building.ts';

const soon = { timeout: 5000, interval: 5 };

test('answers what people write, privately and in order', async () => {
  const telegram = await buildTelegram();
  const { asked, inbox } = await startBot(telegram);
  const ada = telegram.person({ firstName: 'Ada', languageCode: 'de' });
  ada.say('a cat');
  ada.command('help');
  await ada.until(({ text }) => text === 'help');
  expect(ada.messages().filter(({ from }) => from === 'bot')).toMatchObject([{ text: 'generate: a cat' }, { text: 'help' }]);
  expect(asked[0]).toMatchObject({ command: 'generate', words: 'a cat', person: { name: 'Ada', language: 'de' } });
  await vi.waitFor(() => expect(inbox.entries.size).toBe(0), soon);
});

test('confirms an update only after it is stored', async () => {
  const telegram = await buildTelegram();
  const { inbox, asked, log } = await startBot(telegram, { wait: async () => {} });
  inbox.down = true;
  const ada = telegram.person();
  ada.command('help');
  await vi.waitFor(
    () => expect(log.lines.filter((line) => line.includes('telegram.poll_failed')).length).toBeGreaterThan(1),
    soon,
  );
  expect(telegram.pending()).toHaveLength(1);
  expect(asked).toEqual([]);
  inbox.down = false;
  await ada.until(({ text }) => text === 'help');
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
});

test('confirms words for a generation only after they were answered, without the inbox', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { inbox, asked } = await startBot(telegram, {
    answer: async (request) => {
      await gate.opened;
      return { text: [echo(request)] };
    },
  });
  const ada = telegram.person();
  ada.say('a cat');
  await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
  expect(telegram.pending()).toHaveLength(1);
  gate.open();
  await ada.until(({ text }) => text === 'generate: a cat');
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  expect(inbox.finished).toEqual([]);
});

test('does not hold up the confirmation for the sending of an answer', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { asked } = await startBot(telegram, {
    send: async () => {
      await gate.opened;
      return {};
    },
  });
  telegram.person().say('a cat');
  await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  gate.open();
});

test('does not let a slow chat hold up the confirmation of what others say', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { asked } = await startBot(telegram, {
    answer: async (request) => {
      if (request.command === 'help') await gate.opened;
      return { text: [echo(request)] };
    },
  });
  const [ada, ben] = [telegram.person(), telegram.person()];
  ada.command('help');
  await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
  ada.say('a cat');
  ben.say('a dog');
  await ben.until(({ text }) => text === 'generate: a dog');
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  expect(ada.messages().filter(({ from, pending }) => from === 'bot' && !pending)).toEqual([]);
  gate.open();
  await ada.until(({ text }) => text === 'generate: a cat');
});

test('begins with what others write while an earlier request is still being stored', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  const { asked } = await startBot(telegram, {
    answer: async (request) => {
      if (request.words === 'slow') await gate.opened;
      return { text: [echo(request)] };
    },
  });
  const [ada, ben] = [telegram.person(), telegram.person()];
  ada.say('slow');
  await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
  ada.say('second');
  ben.say('a dog');
  await ben.until(({ text }) => text === 'generate: a dog');
  expect(telegram.pending()).toHaveLength(3);
  expect(asked.map(({ words }) => words)).toEqual(['slow', 'a dog']);
  gate.open();
  await ada.until(({ text }) => text === 'generate: second');
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  expect(asked.map(({ words }) => words)).toEqual(['slow', 'a dog', 'second']);
});

test('shows each person that it is at work before it works for them', async () => {
  const telegram = await buildTelegram();
  const shown = () => telegram.calls.filter(({ method }) => method === 'sendChatAction').length;
  const shownBefore: number[] = [];
  const people = Array.from({ length: 20 }, () => telegram.person());
  for (const person of people) person.say('a cat');
  await startBot(telegram, {
    answer: async (request) => {
      shownBefore.push(shown());
      return { text: [echo(request)] };
    },
  });
  await Promise.all(people.map((person) => person.until(({ text }) => text === 'generate: a cat')));
  expect(shownBefore.every((count, answered) => count > answered)).toBe(true);
  expect(shown()).toBe(20);
});

test('shows that it is at work even when the first try met a closed connection', async () => {
  const telegram = await buildTelegram();
  telegram.forced.push({ method: 'sendChatAction', answer: 'break before' });
  await startBot(telegram);
  const ada = telegram.person();
  ada.say('a cat');
  await ada.until(({ text }) => text === 'generate: a cat');
  const shown = telegram.calls.filter(({ method }) => method === 'sendChatAction');
  expect(shown.map(({ result }) => result)).toEqual([undefined, true]);
});

test('handles one chat in order and chats side by side', async () => {
  const telegram = await buildTelegram();
  const gate = buildGate();
  await startBot(telegram, {
    answer: async (request) => {
      if (request.words === 'slow') await gate.opened;
      return { text: [echo(request)] };
    },
  });
  const [ada, ben] = [telegram.person(), telegram.person()];
  ada.command('help', { text: 'slow' });
  ada.command('help', { text: 'second' });
  ben.command('help');
  await ben.until(({ text }) => text === 'help');
  expect(ada.messages().filter(({ from, pending }) => from === 'bot' && !pending)).toEqual([]);
  gate.open();
  await ada.until(({ text }) => text === 'help: second');
  const answers = ada.messages().filter(({ from }) => from === 'bot');
  expect(answers.map(({ text }) => text)).toEqual(['help: slow', 'help: second']);
});

test.each(['a cat', '/help'])('answers the same update once delivered three times: %s', async (words) => {
  const telegram = await buildTelegram();
  telegram.deliverTwice = 3;
  const { asked } = await startBot(telegram);
  const ada = telegram.person();
  ada.say(words);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
  telegram.deliverTwice = false;
  ada.say('the end');
  await ada.until(({ text }) => text === 'generate: the end');
  expect(ada.messages().filter(({ from }) => from === 'bot')).toHaveLength(2);
  expect(asked).toHaveLength(2);
});

test('takes up what a crash left behind, before anything new', async () => {
  const telegram = await buildTelegram();
  const ada = telegram.person();
  ada.say('hello');
  const [left] = telegram.pending();
  const inbox = buildInbox();
  await inbox.keep([{ id: `tg-${left?.update_id}`, chat: String(ada.chat), body: left }]);
  ada.command('help');
  const { asked } = await startBot(telegram, { inbox });
  await ada.until(({ text }) => text === 'help');
  expect(asked.map(({ command }) => command)).toEqual(['generate', 'help']);
  await vi.waitFor(() => expect(inbox.entries.size).toBe(0), soon);
});

test('tells which message announced a generation', async () => {
  const telegram = await buildTelegram();
  const { announced } = await startBot(telegram, { answer: async () => ({ text: ['Queued'], follows: 'g1' }) });
  const ada = telegram.person();
  ada.say('a cat');
  const { id } = await ada.until(({ text }) => text === 'Queued');
  await vi.waitFor(() => expect(announced).toEqual([['g1', id]]), soon);
});

test('runs what a button carries, and lets the button go at once', async () => {
  const telegram = await buildTelegram();
  const { asked } = await startBot(telegram, {
    answer: async (request): Promise<Reply> => {
      if (request.command === 'cancel') return { text: ['Cancelled'] };
      return { text: ['Queued'], buttons: [[{ label: 'Cancel', command: 'cancel id=7' }]] };
    },
  });
  const ada = telegram.person();
  ada.say('a cat');
  const message = await ada.until(({ buttons }) => buttons.length > 0);
  ada.press(message.id, message.buttons[0]?.[0]?.id ?? '');
  await ada.until(({ text }) => text === 'Cancelled');
  expect(asked[1]).toMatchObject({ command: 'cancel', words: 'id=7' });
  expect(telegram.calls.some(({ method, result }) => method === 'answerCallbackQuery' && result === true)).toBe(true);
});

test('hands on a picture, and shows that it is at work on it', async () => {
  const telegram = await buildTelegram();
  const data = await buildPicture();
  const read: Buffer[] = [];
  await startBot(telegram, {
    answer: async (request) => {
      if (request.image) read.push(await request.image.read(1_000_000));
      return { text: [echo(request)] };
    },
  });
  const ada = telegram.person();
  ada.sendPicture({ name: 'sea.png', data }, 'waves');
  await ada.until(({ text }) => text === 'animate: waves');
  expect(read).toEqual([data]);
  expect(telegram.calls.map(({ method }) => method)).toContain('sendChatAction');
});

test('says what it cannot read, without asking the core', async () => {
  const telegram = await buildTelegram();
  const { asked } = await startBot(telegram);
  const ada = telegram.person();
  ada.sendPicture({ name: 'notes.pdf', data: Buffer.from('%PDF') }, 'read this');
  await ada.until(({ text }) => text.includes('Nothing was charged'));
  expect(asked).toEqual([]);
});

test('sends an answer again that could not be sent, and gives up in the end', async () => {
  const telegram = await buildTelegram();
  const pauses: number[] = [];
  const sends: string[] = [];
  const { log, inbox } = await startBot(telegram, {
    wait: async (milliseconds) => pauses.push(milliseconds),
    send: async (_, { text }) => {
      sends.push(text.join(''));
      throw new Error('Telegram is away');
    },
  });
  telegram.person().command('help');
  await vi.waitFor(() => expect(log.lines.join()).toContain('telegram.not_sent'), soon);
  expect(sends).toEqual(['help', 'help', 'help', 'help']);
  // A poll that failed meanwhile pauses too, for other times.
  expect(pauses.filter((pause) => [1_000, 5_000, 20_000].includes(pause))).toEqual([1_000, 5_000, 20_000]);
  expect(log.lines.join()).not.toContain('away');
  await vi.waitFor(() => expect(inbox.entries.size).toBe(0), soon);
});

test('does not try again where nobody can be reached', async () => {
  const telegram = await buildTelegram();
  let sends = 0;
  const { log } = await startBot(telegram, {
    send: async () => {
      sends += 1;
      throw new Undeliverable('blocked');
    },
  });
  telegram.person().command('help');
  await vi.waitFor(() => expect(log.lines.join()).toContain('"code":"blocked"'), soon);
  expect(sends).toBe(1);
});

test('goes on after a failed poll, and after a poll from elsewhere', async () => {
  const telegram = await buildTelegram();
  const conflict = new Refusal(409, 'Conflict: terminated by other getUpdates request');
  telegram.forced.push({ method: 'getUpdates', answer: 'break before' }, { method: 'getUpdates', answer: conflict });
  const { log } = await startBot(telegram, { wait: async () => {} });
  const ada = telegram.person();
  ada.command('help');
  await ada.until(({ text }) => text === 'help');
  await vi.waitFor(() => expect(telegram.forced).toEqual([]), soon);
  ada.say('a cat');
  await ada.until(({ text }) => text === 'generate: a cat');
  expect(log.lines.join()).toContain('telegram.polled_elsewhere');
  expect(log.lines.join()).toContain('telegram.poll_failed');
  expect(log.lines.join()).not.toContain(telegram.token);
});

test('closes in the middle of a long poll, with everything answered and confirmed', async () => {
  const telegram = await buildTelegram();
  const { bot, asked } = await startBot(telegram, { send: buildSend(telegram) });
  const ada = telegram.person();
  ada.say('a cat');
  await ada.until(({ text }) => text === 'generate: a cat');
  await bot.close();
  expect(telegram.pending()).toEqual([]);
  ada.say('after the end');
  expect(telegram.pending()).toHaveLength(1);
  expect(asked).toHaveLength(1);
});

test('leaves an answer in the inbox that it could not send before it closed', async () => {
  const telegram = await buildTelegram();
  let sends = 0;
  const { bot, inbox } = await startBot(telegram, {
    send: async () => {
      sends += 1;
      throw new Error('Telegram is away');
    },
  });
  telegram.person().command('help');
  await vi.waitFor(() => expect(sends).toBe(1), soon);
  await bot.close();
  expect(inbox.entries.size).toBe(1);
  expect(inbox.finished).toEqual([]);
});

test('logs no words and no names', async () => {
  const telegram = await buildTelegram();
  const { log } = await startBot(telegram, {
    wait: async () => {},
    send: async () => {
      throw new Error('a secret cat for Ada');
    },
  });
  telegram.person({ firstName: 'Ada' }).say('a secret cat');
  await vi.waitFor(() => expect(log.lines.join()).toContain('telegram.not_sent'), soon);
  expect(log.lines.join()).not.toMatch(/secret|Ada/);
});

test('takes over what another process left, although Telegram delivers it again meanwhile', async () => {
  const telegram = await buildTelegram();
  const ada = telegram.person();
  ada.command('help');
  const [left] = telegram.pending();
  const store = buildInbox();
  await store.keep([{ id: `tg-${left?.update_id}`, chat: String(ada.chat), body: left }]);
  let isDue = false;
  const inbox = Object.assign(store, { waiting: async () => (isDue ? [...store.entries.values()] : []) });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const { asked } = await startBot(telegram, { inbox });
    await vi.waitFor(() => expect(telegram.pending()).toEqual([]), soon);
    expect(asked).toEqual([]);
    isDue = true;
    vi.advanceTimersByTime(10_000);
    await ada.until(({ text }) => text === 'help');
  } finally {
    vi.useRealTimers();
  }
});
