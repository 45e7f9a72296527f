import { describe, expect, it } from 'vitest';
import { NextAction, Suggestion } from '#contracts';
import { messages } from './messages.js';

const REPLIES = Object.entries(messages).flatMap(([language, copy]) =>
  Object.entries(copy.replies).flatMap(([topic, replies]) => replies.map((reply) => ({ language, topic, reply }))),
);

describe('the copy of the instant tier', () => {
  it.each(REPLIES)('promises no price, date or time: $language $topic "$reply"', ({ reply }) => {
    expect(reply).not.toMatch(/\d|R\$|%|gr[aá]tis|free|hoje|amanh[ãa]|today|tomorrow|hoy|minuto|minute|hora[s ]de/i);
  });

  it.each(REPLIES)('fits a suggestion: $language $topic "$reply"', ({ reply }) => {
    expect(Suggestion.safeParse({ text: reply }).success).toBe(true);
  });

  it('never offers the same reply twice in a language', () => {
    const seen = REPLIES.map(({ language, reply }) => `${language} ${reply}`);

    expect(new Set(seen).size).toBe(seen.length);
  });

  it('keeps every next step within what a next action takes', () => {
    const steps = Object.values(messages).flatMap((copy) => Object.values(copy.steps));

    expect(steps.every((text) => NextAction.safeParse({ kind: 'reply', text }).success)).toBe(true);
  });
});
