import { createCanvas } from '@napi-rs/canvas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planShots, viewAt } from '../../../../core/providers/local/camera.ts';
import { captionFont, captionLines } from '../../../../core/providers/local/caption.ts';
import { planScene } from '../../../../core/providers/local/plan.ts';

const plan = (prompt: string) => planScene(prompt, 'natural', 1);

describe('the plan of a scene', () => {
  test.each([
    ['a dragon flying over snowy mountains at dawn', { scene: 'mountains', time: 'dawn', weather: 'snow', subjects: ['dragon'] }],
    ['a lonely ship on the ocean at sunset', { scene: 'ocean', time: 'dusk', weather: undefined, subjects: ['sailboat'] }],
    ['a fox in a neon city at night in the rain', { scene: 'city', time: 'night', weather: 'rain', subjects: ['fox'] }],
    ['a red balloon', { scene: 'flow', hue: 355, subjects: ['balloon'] }],
    ['fireflies in the woods', { scene: 'forest', weather: 'fireflies' }],
  ])('follows the words: %s', (prompt, expected) => {
    expect(plan(prompt)).toMatchObject(expected);
  });

  test('hears whole words only', () => {
    expect(plan('the season starts, a brain trains on the seat').scene).toBe('flow');
    expect(plan('the brain').weather).toBeUndefined();
    expect(plan('a starting pistol at noon').time).toBe('day');
  });

  test('exists for any prompt', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer(), (prompt, seed) => {
        const { subjects, palette } = planScene(prompt, 'noir', seed);
        expect(subjects.length).toBeLessThanOrEqual(2);
        expect(Object.values(palette).flat().every(Number.isFinite)).toBe(true);
      }),
    );
  });
});

describe('the caption', () => {
  const g = createCanvas(1, 1).getContext('2d');
  g.font = captionFont(30);
  const lines = (prompt: string) => captionLines(g, prompt, 600);

  test('is drawn in the scripts that the font knows', () => {
    for (const prompt of ['a fox, at night', 'Füchse in Łódź', 'лиса ночью', 'αλεπού', 'con cáo ở rừng'])
      expect(lines(prompt)).toEqual([prompt]);
  });

  test('is dropped when the font lacks a letter', () => {
    for (const prompt of ['狐', 'きつね', 'a cat 🐱', 'ثعلب', '\u202Efox', '']) expect(lines(prompt)).toEqual([]);
  });

  test('takes at most two lines that fit, whatever the length of a word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(...'abcWM.'), minLength: 1, maxLength: 90 }), { maxLength: 40 }),
        (words) => {
          const drawn = lines(words.join(' '));
          expect(drawn.length).toBeLessThanOrEqual(2);
          for (const line of drawn) expect(g.measureText(line).width).toBeLessThanOrEqual(600);
        },
      ),
      { numRuns: 50 },
    );
    expect(lines('word '.repeat(100)).at(-1)).toMatch(/…$/);
  });
});

describe('the camera', () => {
  test('never jumps within a shot and never shows anything beside the picture', () => {
    const part = fc.double({ min: 0.15, max: 0.85, noNaN: true });
    const visible = fc.double({ min: 0.6, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10 }), part, part, visible, fc.boolean(), (seconds, x, y, narrow, mirrored) => {
        const shots = planShots(seconds, { x, y }, { x: narrow, y: 1 }, mirrored);
        expect([shots[0].from, shots.at(-1)?.to]).toEqual([0, seconds]);
        for (const shot of shots) {
          const views = Array.from({ length: Math.floor((shot.to - shot.from) * 24) }, (_, i) =>
            viewAt(shot, shot.from + i / 24),
          );
          const beside = views.flatMap(({ zoom, x, y }) => [
            Math.abs(x - 0.5) + narrow / zoom / 2,
            Math.abs(y - 0.5) + 1 / zoom / 2,
          ]);
          expect(Math.max(...beside)).toBeLessThan(0.5 + 1e-9);
          const steps = views.slice(1).map((view, i) => {
            const before = views[i] ?? view;
            return Math.max(Math.abs(view.zoom - before.zoom), Math.abs(view.x - before.x), Math.abs(view.y - before.y));
          });
          expect(Math.max(...steps)).toBeLessThan(0.02);
          expect(Math.max(...steps.slice(1).map((step, i) => Math.abs(step - (steps[i] ?? 0))))).toBeLessThan(0.001);
        }
      }),
      { numRuns: 30 },
    );
  });
});
