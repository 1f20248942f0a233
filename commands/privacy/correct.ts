import { UserError } from '../../core/errors.ts';
import { correctLanguage, correctName, heldAbout } from '../../core/privacy/correct.ts';
import { askMail, confirmMail, removeMail } from '../../core/privacy/correct-mail.ts';
import {
  codeSentReply,
  correctedReply,
  type Field,
  heldReply,
  howReply,
  mailConfirmedReply,
  mailRemovedReply,
} from '../../core/texts/correct.ts';
import { defineCommand } from '../command.ts';

export const correctData = defineCommand({
  name: 'correct',
  about: 'Correct your name, e-mail address or language',
  private: true,
  options: {
    field: {
      type: 'choice',
      about: 'What to correct',
      choices: [
        { value: 'name', label: 'Name' },
        { value: 'mail', label: 'E-mail' },
        { value: 'language', label: 'Language' },
      ],
    },
    value: { type: 'text', about: 'What is right; "none" removes the e-mail address', max: 300, rest: true },
    code: { type: 'text', about: 'The 6 digits that came by e-mail', max: 12 },
  },
  async run({ app, account, place: { platform }, options, id, at }) {
    const { field, value, code } = wishOf(options);
    const held = heldAbout(account);
    if (code !== undefined) {
      await confirmMail(app, account, { code, at });
      return mailConfirmedReply();
    }
    if (!field && value !== undefined) throw unclear();
    if (!field) return heldReply(held);
    if (value === undefined) return howReply(field, held, platform);
    switch (field) {
      case 'name':
        return correctedReply('name', held, { name: await correctName(app, account, value, at) });
      case 'language':
        return correctedReply('language', held, { language: await correctLanguage(app, account, value, at) });
      case 'mail':
        if (value.toLowerCase() !== 'none')
          return codeSentReply(await askMail(app, account, { address: value, id, at }), platform);
        await removeMail(app, account, at);
        return mailRemovedReply();
    }
  },
});

interface Wish {
  field?: Field | undefined;
  value?: string | undefined;
  code?: string | undefined;
}

const WORDS: Record<string, Field> = { name: 'name', mail: 'mail', email: 'mail', 'e-mail': 'mail', language: 'language' };

/** Typed words begin with the field: "name Robin Smith". Six digits alone are the code. */
function wishOf({ field, value, code }: Wish): Wish {
  if (code !== undefined) return { code: code.replace(/\s/g, '') };
  if (field || value === undefined) return { field, value };
  if (/^\d{3}\s?\d{3}$/.test(value)) return { code: value.replace(/\s/g, '') };
  const [, first = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(value) ?? [];
  const named = WORDS[first.toLowerCase().replace(/:$/, '')];
  return named ? { field: named, value: rest || undefined } : { value };
}

const unclear = () =>
  new UserError(
    'field_missing',
    'Say first what to correct: name, mail or language. For example: /privacy correct name Robin Smith. Nothing was changed.',
  );
