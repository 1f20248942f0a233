import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { Undeliverable } from '../../core/errors.ts';
import { describe } from '../../core/log.ts';
import { createMail, MailFailed } from '../../core/mail.ts';
import { createMailSimulator } from '../../simulator/mail.ts';

const FROM = 'LPM AI <support@lpmai.art>';
const LETTER = { to: 'robin@example.com', subject: 'Grüße, Robin', text: 'Zeile eins\n\nЗдравствуй 🦊', id: 'policy account-17' };

async function open() {
  const mailbox = await createMailSimulator();
  const mail = createMail({ url: mailbox.url, from: FROM });
  onTestFinished(async () => {
    mail.close();
    await mailbox.close();
  });
  return { mailbox, mail };
}

/** An SMTP server reached by an address that does not count as this machine. */
async function openElsewhere(disabledCommands: string[]) {
  let arrived = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands,
    disableReverseLookup: true,
    closeTimeout: 100,
    onMailFrom(_, __, callback) {
      arrived += 1;
      callback();
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const mail = createMail({ url: `smtp://[::ffff:127.0.0.1]:${port}`, from: FROM });
  return { mail, arrived: () => arrived };
}

const failureOf = async (sending: Promise<void>): Promise<Error> => {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('it was sent');
  return error;
};

test('a letter arrives letter by letter, from us, to one address', async () => {
  const { mailbox, mail } = await open();
  await mail.send({ ...LETTER, headers: { 'List-Unsubscribe': `<https://lpm.example/news/${'a'.repeat(150)}>` } });
  const [arrived] = mailbox.messages();
  expect(arrived).toMatchObject({ to: LETTER.to, subject: LETTER.subject, text: LETTER.text });
  expect(arrived?.headers).toMatchObject({
    from: FROM,
    to: LETTER.to,
    'auto-submitted': 'auto-generated',
    'list-unsubscribe': `<https://lpm.example/news/${'a'.repeat(150)}>`,
  });
  expect(arrived?.headers['content-type']).toMatch(/^text\/plain/);
});

test('the same letter again has the same Message-ID, which tells nothing of the person', async () => {
  const { mailbox, mail } = await open();
  await mail.send(LETTER);
  await mail.send({ ...LETTER, to: 'other@example.com' });
  await mail.send({ ...LETTER, id: 'policy account-18' });
  const ids = mailbox.messages().map(({ headers }) => headers['message-id'] ?? '');
  expect(ids[0]).toMatch(/^<[0-9a-f]{40}@lpmai\.art>$/);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  const everything = JSON.stringify(mailbox.messages()[0]?.headers);
  expect(everything).not.toMatch(/account-17|nodemailer/i);
});

test('what looks like several addresses or like more headers is neither', async () => {
  const { mailbox, mail } = await open();
  await mail.send({ ...LETTER, subject: 'a\r\nBcc: eve@example.com\r\n\r\nHello' });
  await mail.send({ ...LETTER, to: 'robin@example.com, eve@example.com' }).catch(() => {});
  expect(mailbox.messages().map(({ to }) => to)).not.toContain('eve@example.com');
  expect(mailbox.messages()[0]?.headers).not.toHaveProperty('bcc');
});

test('an address that is refused for good is not tried again, and one that is refused for now is', async () => {
  const { mailbox, mail } = await open();
  mailbox.refuseNext(1, 550);
  const forGood = await failureOf(mail.send(LETTER));
  expect(forGood).toBeInstanceOf(Undeliverable);
  mailbox.refuseNext(1, 451);
  const forNow = await failureOf(mail.send(LETTER));
  expect(forNow).toBeInstanceOf(MailFailed);
  expect(forNow).toMatchObject({ code: 'EENVELOPE-451', isAway: false });
  expect(mailbox.messages()).toEqual([]);
});

test('neither an error nor what the log says of it names anybody', async () => {
  const { mailbox, mail } = await open();
  mailbox.refuseNext(1, 550);
  const refused = await failureOf(mail.send(LETTER));
  await mailbox.close();
  const down = await failureOf(mail.send(LETTER));
  expect(down).toMatchObject({ name: 'MailFailed', isAway: true });
  for (const error of [refused, down]) {
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(describe(error))}`).not.toContain('robin');
    expect(error.cause).toBeUndefined();
  }
});

test('beyond this machine nothing is said without encryption', async () => {
  const { mail, arrived } = await openElsewhere(['STARTTLS', 'AUTH']);
  expect(await failureOf(mail.send(LETTER))).toMatchObject({ name: 'MailFailed', isAway: true });
  expect(arrived()).toBe(0);
});

test('beyond this machine a certificate that nobody vouches for is refused', async () => {
  const { mail, arrived } = await openElsewhere(['AUTH']);
  expect(await failureOf(mail.send(LETTER))).toMatchObject({ name: 'MailFailed', isAway: true });
  expect(arrived()).toBe(0);
});
