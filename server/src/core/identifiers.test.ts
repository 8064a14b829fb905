import { validate, version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { newId } from './identifiers.ts';

describe('ids', () => {
  it('are UUIDs of version 7, ascend in the order they were made, and never repeat', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tell when they were made', () => {
    const before = Date.now();
    const id = newId();
    const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now() + 1);
  });

  it('share no random bits', () => {
    const tails = Array.from({ length: 5000 }, () => newId().slice(-12));
    expect(new Set(tails).size).toBe(tails.length);
  });
});
