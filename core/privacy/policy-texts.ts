import type { Policy } from './policies.ts';

/** Where questions about privacy go. */
export const CONTACT = { mail: 'support@lpmai.art', site: 'https://www.lpmai.art' } as const;

const FIRST: Policy = {
  version: '2025-12-21',
  publishedAt: new Date('2025-12-21T00:00:00Z'),
  effectiveAt: new Date('2025-12-21T00:00:00Z'),
  isSignificant: false,
  changes: [],
  sections: [
    {
      title: 'What this page is about',
      paragraphs: [
        'LPM AI makes videos out of words and pictures that you send in a chat. This page says which data that takes, what we do with it, how long we keep it, and how you stay in charge of it.',
        'It applies from 21 December 2025. In the chat, /privacy shows what we hold about you at this very moment.',
      ],
    },
    {
      title: 'What we collect, and what for',
      paragraphs: [
        'Account: the name and the language that your chat app tells us, and a keyed hash of your user number there, so that we know you again and can answer you and help you. We hold an e-mail address only if you add one yourself, and we use it only after you have confirmed it.',
        'Videos: what you ask for (prompt, style, shape, length, picture) and the videos made from it, so that we can make them and you can find them again.',
        'Use of the service: what was asked for and how it ended, without its words, so that we see what works and can make it better.',
        'Devices and cookies: the chat needs neither. Our web pages keep nothing about your device, set no cookie for counting or advertising, and only the one cookie without which a download of yours could not be protected.',
        'Payments: amount, currency, date, and the payment provider’s own numbers. Card numbers and billing details stay with the provider; they never reach us.',
        'Credits: your balance and every change of it, so that you pay for what you got and for nothing else.',
      ],
    },
    {
      title: 'How it is stored and protected',
      paragraphs: [
        'Data is encrypted on every way it travels outside our own machines, and wherever it is stored. Your words, pictures and videos are sealed with a key that belongs to your account alone. The key that protects those keys is kept apart from the database.',
        'Access has several layers: only people whose work needs it can look, each look leaves an entry with its reason, and you can read those entries yourself with /privacy access. Our set-up is audited and checked regularly.',
        'What you make is yours to see. Nobody gets at it who has no right to. Still, nothing that is connected to the internet is perfectly safe, and we do not claim that it is.',
      ],
    },
    {
      title: 'How your videos are made',
      paragraphs: [
        'Your prompts and pictures are worked on by software that turns them into video. Working copies live for as long as that takes and are then thrown away.',
        'To make our models and our service better we use figures that are about nobody in particular, and no text, picture or video of yours. Anything beyond that would need your own yes, which you can take back.',
        'The videos are yours, within the law and the settings of your account. We do not advertise with anything you made unless you say yes to it.',
      ],
    },
    {
      title: 'Who else gets to see it',
      paragraphs: [
        'We do not sell your data, trade it or hand it on. There are four exceptions: when the law or a lawful request of an authority obliges us; when the rights, the property or the safety of people, yours and ours included, have to be protected; companies that work for us, such as payment providers and providers of AI, which are bound to keep it to themselves; and what you have agreed to for one purpose, such as showing a video in our gallery.',
        'Each of those companies is named below, with what it gets.',
      ],
    },
    {
      title: 'How long we keep it',
      paragraphs: [
        'For as long as you use your account, or until you delete something or everything. The table below says it for each kind of data. Accounts that nobody uses are deleted after a time, and we tell you before.',
        'You need not ask anybody: /privacy delete does it in the chat. Writing to our support works just as well. Records of payments stay for as long as the law wants them, without your name.',
      ],
    },
    {
      title: 'What you can ask for',
      paragraphs: [
        'To see everything that we hold: /privacy show. To take it with you, videos included: /privacy export. To put something right: /privacy correct. To have a video, all videos or the whole account deleted: /privacy delete.',
        'To say yes or no to each use that needs your consent, and to change your mind at any time: /privacy consents. News about our product reaches you only if you asked for it, and each message has the way out in it.',
      ],
    },
    {
      title: 'When this policy changes',
      paragraphs: [
        'A new version appears on this page with the day from which it applies, and in the chat you are told once, before that day. What changes significantly is published at least 30 days ahead, and is also told by e-mail to those who have confirmed an address.',
        'Earlier versions stay readable here. Please have a look from time to time. A yes that you gave to one purpose is never stretched to another.',
      ],
    },
    {
      title: 'How to reach us',
      paragraphs: [
        `LPM AI · ${CONTACT.mail} · ${CONTACT.site}`,
        'By using LPM AI you agree to this policy. Thank you for making your videos with us.',
      ],
    },
  ],
};

/** Every published version, oldest first. A published one is never changed; each later one is added at the end. */
export const POLICIES: readonly Policy[] = [FIRST];
