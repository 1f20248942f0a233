import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { API } from 'typescript/unstable/sync';
import { describe, expect, test } from 'vitest';
import { canBeOn, wasOn } from '../../../prove/consents/oracle.ts';
import { runProduct } from '../../../prove/consents/run.ts';
import { openApp } from '../../support/app.ts';

test('300 random traces with crashes send and show nothing without a live consent', { timeout: 120_000 }, async () => {
  const report = await runProduct(await openApp(), 'person', 1, 300);
  const { traces, unlawful, violations, failures, left } = report;
  expect({ traces, unlawful, violations, failures, left }).toEqual({
    ...{ traces: 300, unlawful: 0, violations: [], failures: [], left: 0 },
  });
  expect(report.sent).toBeGreaterThan(30);
  expect(report.seen).toBeGreaterThan(30);
  expect(report.crashes).toBeGreaterThan(30);
});

describe('the judge of the traces', () => {
  const on = { on: true, answered: true, from: 1, to: 2 };
  const off = { on: false, answered: true, from: 3, to: 4 };

  test('knows what must not happen after an answered withdrawal', () => {
    expect(canBeOn([], { from: 1, to: 2 })).toBe(false);
    expect(canBeOn([on], { from: 5, to: 6 })).toBe(true);
    expect(canBeOn([on, off], { from: 5, to: 6 })).toBe(false);
    expect(canBeOn([on, { ...off, answered: false }], { from: 5, to: 6 })).toBe(true);
    expect(canBeOn([on, { ...off, to: 7 }], { from: 5, to: 6 })).toBe(true);
    expect(canBeOn([on, off, { ...on, from: 5, to: 6 }], { from: 7, to: 8 })).toBe(true);
    expect(canBeOn([{ ...on, from: 7, to: 8 }], { from: 5, to: 6 })).toBe(false);
  });

  test('knows what must happen while somebody agrees and says nothing else', () => {
    expect(wasOn([on], { from: 5, to: 6 })).toBe(true);
    expect(wasOn([on, off], { from: 5, to: 6 })).toBe(false);
    expect(wasOn([{ ...on, answered: false }], { from: 5, to: 6 })).toBe(false);
  });
});

const PROLOGUE = `
import type { App } from '../../core/app.ts';
import { prove } from '../../core/privacy/consents.ts';
import { publish } from '../../core/privacy/gallery.ts';
import { reviewSample, type WithoutFreeText } from '../../core/privacy/improvement.ts';
import { sendNews } from '../../core/privacy/news.ts';
import type { Generation } from '../../core/generations/generation.ts';
declare const app: App;
declare const generation: Generation;
declare const news: Parameters<typeof sendNews>[3];
`;

/** Fields as a proof has them, written by hand. */
const FORGED = "{ accountId: 'a', purpose: 'marketing', subject: undefined, consent: 'a#1', mintedAt: 1 }";

const REFUSED = {
  'publishing without a proof': 'await publish(app, generation);',
  'publishing with what prove may not have found': "await publish(app, await prove(app, 'a', 'gallery', 'g'), generation);",
  'sending without a proof': 'await sendNews(app, {}, news);',
  'sending with a proof made by hand': `await sendNews(app, {}, ${FORGED} as const, news);`,
  'sending with a proof for something else':
    "const proof = await prove(app, 'a', 'improvement'); if (proof) await sendNews(app, {}, proof, news);",
  'looking without a proof': 'await reviewSample(app, generation);',
  'making a proof': "import { ConsentProof } from '../../core/privacy/consents.ts'; new ConsentProof();",
  'counting a free text': 'export type Bad = WithoutFreeText<{ videos: number; prompt: string }>;',
  'counting a free id': 'export type Bad = WithoutFreeText<{ videos: number; id?: string }>;',
};

const ACCEPTED = {
  'publishing with a proof':
    "const proof = await prove(app, 'a', 'gallery', 'g'); if (proof) await publish(app, proof, generation);",
  'sending with a proof': "const proof = await prove(app, 'a', 'marketing'); if (proof) await sendNews(app, {}, proof, news);",
  'counting fixed words': "export type Good = WithoutFreeText<{ videos: number; length: 'short' | 'long' }>;",
};

/** Which of these texts the compiler refuses. It reads what they import, and checks only them. */
function refusedOf(texts: Record<string, string>): string[] {
  const folder = mkdtempSync(resolve('.data', 'compile-'));
  const compiler = new API({ cwd: folder });
  try {
    const cases = Object.entries(texts).map(([name, text], index) => {
      const isModule = /^(import|export) /.test(text);
      const path = join(folder, `case${index}.ts`);
      writeFileSync(path, `${PROLOGUE}${isModule ? text : `export async function act() { ${text} }`}\n`);
      return { name, path };
    });
    const settings = join(folder, 'tsconfig.json');
    const compilerOptions = { noUnusedLocals: false };
    writeFileSync(settings, JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: [], compilerOptions }));
    const program = compiler.updateSnapshot({ openProjects: [settings] }).getProject(settings)?.program;
    if (!program) throw new Error('the compiler opened no project');
    return cases.filter(({ path }) => program.getSemanticDiagnostics(path).length > 0).map(({ name }) => name);
  } finally {
    compiler.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('forgetting to ask for a consent does not compile', { timeout: 120_000 }, () => {
  expect(refusedOf({ ...REFUSED, ...ACCEPTED })).toEqual(Object.keys(REFUSED));
});
