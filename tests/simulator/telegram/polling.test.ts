import { describe, expect, it, vi } from 'vitest';
import { refusal, scene, stoppedClock } from './setup.ts';

const texts = (updates: { message?: { text?: string } }[]) => updates.map(({ message }) => message?.text);

describe('long polling of the simulator', () => {
  it('brings an update again until a later offset confirms it', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('one');
    person.say('two');
    const [first] = await api.getUpdates({ limit: 1 });
    expect(texts(await api.getUpdates())).toEqual(['one', 'two']);
    const after = (first?.update_id ?? 0) + 1;
    expect(texts(await api.getUpdates({ offset: after }))).toEqual(['two']);
    expect(texts(await api.getUpdates({ offset: after + 1 }))).toEqual([]);
    person.say('three');
    person.say('four');
    expect(texts(await api.getUpdates({ offset: -1 }))).toEqual(['four']);
    expect(telegram.pending()).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('waits for an update as long as it was asked to', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const person = telegram.person();
    const poll = api.getUpdates({ timeout: 30 });
    await vi.waitFor(() => expect(clock.timers()).toEqual([30_000]));
    person.say('now');
    expect(texts(await poll)).toEqual(['now']);
    expect(clock.timers()).toEqual([]);
    const offset = (telegram.pending()[0]?.update_id ?? 0) + 1;
    const empty = api.getUpdates({ offset, timeout: 30 });
    await vi.waitFor(() => expect(clock.timers()).toEqual([30_000]));
    clock.advance(30_000);
    expect(await empty).toEqual([]);
  });

  it('ends an older poll when a newer one comes, and every poll while a webhook is set', async () => {
    const clock = stoppedClock();
    const { api } = await scene(clock);
    const waiting = () => vi.waitFor(() => expect(clock.timers()).toEqual([30_000]));
    const older = refusal(api.getUpdates({ timeout: 30 }));
    await waiting();
    const newer = refusal(api.getUpdates({ timeout: 30 }));
    expect(await older).toBe(
      '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    await waiting();
    await api.setWebhook('http://127.0.0.1:1/hook');
    expect(await newer).toBe('409 Conflict: terminated by setWebhook request');
    expect(await refusal(api.getUpdates())).toBe(
      "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
    await api.deleteWebhook();
    expect(await refusal(api.getUpdates())).toBe('accepted');
  });

  it('makes only updates of the allowed kinds, and remembers which', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    await api.getUpdates({ allowed_updates: ['my_chat_member'] });
    person.say('unseen');
    person.block();
    await api.getUpdates();
    person.unblock();
    const members = (await api.getUpdates()).map(({ my_chat_member }) => my_chat_member?.new_chat_member.status);
    expect(members).toEqual(['kicked', 'member']);
    await api.getUpdates({ allowed_updates: [] });
    person.say('seen');
    expect(texts(await api.getUpdates()).at(-1)).toBe('seen');
  });

  it('forgets an update after a day', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    telegram.person().say('old');
    clock.advance(24 * 3600_000 + 1);
    telegram.person().say('new');
    expect(texts(await api.getUpdates())).toEqual(['new']);
  });

  it('delivers everything twice when told to', async () => {
    const { telegram, api } = await scene();
    telegram.deliverTwice = true;
    telegram.person().say('one');
    const seen: number[] = [];
    let offset = 0;
    for (let round = 0; round < 4; round++) {
      const updates = await api.getUpdates({ offset });
      for (const { update_id } of updates) {
        seen.push(update_id);
        offset = update_id + 1;
      }
    }
    expect(seen).toHaveLength(2);
    expect(new Set(seen).size).toBe(1);
    expect(telegram.pending()).toEqual([]);
  });
});
