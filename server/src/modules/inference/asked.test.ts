import { expect, test } from 'vitest';
import { askedParts } from './asked.ts';

test('of a long list of questions none is lost, and few are looked for', () => {
  const asked = Array.from({ length: 300 }, (_, index) => `Do you sell item${index}?`);
  const parts = askedParts([{ sender: 'contact', text: asked.slice(0, 60).join(' ') }]);
  expect(parts).toHaveLength(8);
  expect(parts.map(({ text }) => text).join(' ')).toBe(asked.slice(0, 60).join(' '));
  expect(parts[0]).toEqual({ text: 'Do you sell item0?', asks: true, before: '' });
  const burst = asked.map((text) => ({ sender: 'contact' as const, text }));
  expect(askedParts(burst)).toHaveLength(8);
});
