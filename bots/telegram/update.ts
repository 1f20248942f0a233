import { z } from 'zod';
import { preCheckout, refundedPayment, successfulPayment } from './money.ts';

/** The part of an Update that is read here: core.telegram.org/bots/api#update. */

const person = z.object({
  id: z.number(),
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
  language_code: z.string().optional(),
});

const chat = z.object({ id: z.number(), type: z.enum(['private', 'group', 'supergroup', 'channel']) });

const photo = z.object({ file_id: z.string(), width: z.number(), height: z.number(), file_size: z.number().optional() });

const document = z.object({ file_id: z.string(), mime_type: z.string().optional(), file_size: z.number().optional() });

/** Loose: which other kinds of content are there is asked by name. */
const message = z.looseObject({
  message_id: z.number(),
  chat,
  from: person.optional(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  media_group_id: z.string().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  photo: z.array(photo).optional(),
  document: document.optional(),
  successful_payment: successfulPayment.optional(),
  refunded_payment: refundedPayment.optional(),
});

/** `message` may be one that is too old to be shown, which has only its chat and id. */
const press = z.object({
  id: z.string(),
  from: person,
  message: z
    .object({
      message_id: z.number(),
      chat,
      message_thread_id: z.number().optional(),
      is_topic_message: z.boolean().optional(),
    })
    .optional(),
  data: z.string().optional(),
});

const membership = z.object({ chat, new_chat_member: z.object({ status: z.string() }) });

export const updateSchema = z.object({
  update_id: z.number().int().nonnegative(),
  message: message.optional(),
  callback_query: press.optional(),
  pre_checkout_query: preCheckout.optional(),
  my_chat_member: membership.optional(),
  subscription: z.object({ state: z.string() }).optional(),
});

export type TelegramMessage = z.infer<typeof message>;
export type Press = z.infer<typeof press>;
export type TelegramPerson = z.infer<typeof person>;

/** The kinds of update that this bot asks Telegram for. */
export const ALLOWED_UPDATES = ['message', 'callback_query', 'pre_checkout_query', 'my_chat_member'] as const;

/** What a person may send that holds neither words nor a picture for us. */
export const UNREADABLE = [
  'animation',
  'audio',
  'checklist',
  'contact',
  'dice',
  'document',
  'game',
  'location',
  'poll',
  'sticker',
  'story',
  'venue',
  'video',
  'video_note',
  'voice',
] as const;
