import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProduct, type TestProduct } from '../support/product.ts';
import { PLATFORMS } from './platforms.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await openProduct();
});
afterAll(() => product.close());

describe.each(PLATFORMS)('in %s', (platform, meet) => {
  test('a button leads to an export that arrives as a file in the same chat', async () => {
    const guest = meet(product);
    guest.command('privacy export');
    const choice = await guest.reads(/./);
    const lines = choice.buttons.flat().map(({ id, label }) => `${label}: ${id}`);
    const button = choice.buttons.flat().find(({ label }) => /data only/i.test(label));
    if (!button) throw new Error(`nothing to press for data only, but ${lines.join(', ')}`);
    if (platform === 'discord') expect(button.id).toBe('privacy export content=data');
    guest.person.press(choice.id, button.id);
    const { files } = await guest.person.until((message) => message.files.length > 0, 20_000);
    expect(files).toMatchObject([{ kind: 'file', name: expect.stringMatching(/\.zip$/) }]);
    const bytes = Buffer.from(await (await fetch(files[0]?.url ?? '')).arrayBuffer());
    expect([bytes.length, bytes.toString('latin1', 0, 2)]).toEqual([files[0]?.size, 'PK']);
  });
});
