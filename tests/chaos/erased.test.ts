import mongoose from 'mongoose';
import { expect, test, vi } from 'vitest';
import { ERASURES, type ErasureDocument } from '../../models/erasure.ts';
import { KEYS, type KeyDocument } from '../../models/key.ts';
import type { Person, SeenMessage } from '../../simulator/person.ts';
import { type ProductProcess, startProductProcess } from '../support/product-process.ts';
import { all, ask, isAccepted, newDataDirectory, openPlatforms, type Persons, RENDERING } from './story.ts';

const PATIENCE_MS = 120_000;

/** Presses the newest button with this label, once it is there. */
async function press(person: Person, label: RegExp): Promise<void> {
  const wanted = ({ buttons }: SeenMessage) => buttons.flat().some((button) => label.test(button.label));
  await person.until(wanted, PATIENCE_MS);
  const message = person.messages().findLast(wanted);
  const button = message?.buttons.flat().find((one) => label.test(one.label));
  if (message && button) person.press(message.id, button.id);
}

/** Everything, now: asked twice. */
async function deleteAccount(person: Person): Promise<void> {
  if (person.platform === 'discord') person.command('privacy delete', { scope: 'account' });
  else person.say('/privacy delete account');
  await press(person, /^Now$/);
  await press(person, /^Yes, delete/);
}

const isReceipt = ({ from, files }: SeenMessage): boolean =>
  from === 'bot' && files.some(({ name }) => name.startsWith('deletion-receipt-'));
const isBegun = ({ from, text }: SeenMessage): boolean => from === 'bot' && text.startsWith('I am deleting your account');

test('kill -9 of the whole process while accounts are deleted and their videos made: both are gone, each with a receipt', async () => {
  const { persons, settings } = await openPlatforms();
  const DATA_DIR = await newDataDirectory();
  const start = () => startProductProcess({ ...settings, ...RENDERING, DATA_DIR });

  let product = await start();
  ask(persons);
  await all(persons, isAccepted);
  await Promise.all(persons.map(deleteAccount));
  await all(persons, isBegun);
  await product.kill();

  product = await start();
  await expectGone(persons, product);
}, 240_000);

async function expectGone(persons: Persons, product: ProductProcess): Promise<void> {
  await all(persons, isReceipt);
  const [, address] = await product.said(/^MongoDB: .* at (\S+), data in/m);
  const connection = await mongoose
    .createConnection(`mongodb://${address}/?replicaSet=secantus`, { dbName: 'lpm-ai' })
    .asPromise();
  try {
    const erasures = connection.collection<ErasureDocument>(ERASURES);
    await vi.waitFor(
      async () => expect((await erasures.find().toArray()).map(({ state }) => state)).toEqual(['done', 'done']),
      PATIENCE_MS,
    );
    for (const name of ['accounts', 'generations', 'creditaccounts', 'ledgerentries', 'consents', 'privacyevents']) {
      expect(await connection.collection(name).countDocuments(), name).toBe(0);
    }
    const keys = await connection.collection<KeyDocument>(KEYS).find().toArray();
    expect(keys.map(({ state, wrapped }) => [state, wrapped])).toEqual([
      ['destroyed', undefined],
      ['destroyed', undefined],
    ]);
  } finally {
    await connection.close();
  }
}
