import type { Capability } from '@parley/contract/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Question, type RoutableModel, route } from './routing.ts';

const capabilities: Capability[] = ['chat', 'code', 'vision', 'tools', 'embeddings'];
const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const model: fc.Arbitrary<RoutableModel> = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.string(),
  enabled: fc.boolean(),
  local: fc.boolean(),
  capabilities: fc.subarray(capabilities),
  languages: fc.subarray(['en', 'es', 'pt']),
  typicalMs: fc.option(fc.integer({ min: 1, max: 5 })),
  costMicros: fc.option(fc.integer({ min: 0, max: 3 })),
  hasQuota: fc.boolean(),
  resting: fc.boolean(),
});
const models = fc.uniqueArray(model, { selector: ({ id }) => id });
const question: fc.Arbitrary<Question> = fc.record({
  sensitivity: fc.constantFrom('normal' as const, 'private' as const),
  because: fc.constant(['card']),
  needs: fc.subarray(capabilities),
  language: fc.constantFrom('en', 'pt', 'unknown'),
  latencyClass: fc.constantFrom('live' as const, 'message' as const, 'batch' as const),
  preferredModelId: fc.option(fc.constantFrom(...ids)),
  automatic: fc.boolean(),
  order: fc.subarray(ids),
  moneyIsCapped: fc.boolean(),
});
const always = (check: (models: RoutableModel[], question: Question) => void) =>
  fc.assert(fc.property(models, question, check), { numRuns: 1000 });

describe('the route', () => {
  it('leads private content to no model that is not local, whatever else is true', () => {
    always((given, asked) => {
      const { candidates } = route(given, { ...asked, sensitivity: 'private' });
      expect(candidates.every((candidate) => candidate.model.local)).toBe(true);
    });
  });

  it('leads to no model that is disabled, rests, has no quota, no price under a cap, or cannot do what is asked', () => {
    always((given, asked) => {
      for (const { model: chosen } of route(given, asked).candidates) {
        expect(chosen.enabled && chosen.hasQuota && !chosen.resting).toBe(true);
        expect(chosen.capabilities).toEqual(expect.arrayContaining(['chat', ...asked.needs]));
        expect(asked.moneyIsCapped && chosen.costMicros === null).toBe(false);
        if (asked.language !== 'unknown' && chosen.languages.length > 0)
          expect(chosen.languages).toContain(asked.language);
      }
    });
  });

  it('is total: each model is a candidate, or skipped with a reason, once; a disabled one may go unsaid', () => {
    always((given, asked) => {
      const { candidates, skipped } = route(given, asked);
      const told = [...candidates.map((one) => one.model.id), ...skipped.map((one) => one.modelId)];
      expect(new Set(told).size).toBe(told.length);
      const isAsked = asked.automatic || given.some(({ id }) => id === asked.preferredModelId);
      const untold = given.filter(({ id }) => !told.includes(id));
      expect(isAsked ? untold.filter(({ enabled }) => enabled) : told).toEqual([]);
      expect(skipped.every(({ step, reason }) => step && reason)).toBe(true);
    });
  });

  it('is the same for the same question, and begins with the preferred model where that may answer', () => {
    always((given, asked) => {
      const { candidates } = route(given, asked);
      expect(route(structuredClone(given), asked).candidates.map((one) => one.model.id)).toEqual(
        candidates.map((one) => one.model.id),
      );
      const at = candidates.findIndex((one) => one.model.id === asked.preferredModelId);
      expect(at).toBeLessThanOrEqual(0);
    });
  });

  it('that loses one model keeps the order of the others', () => {
    always((given, asked) => {
      const all = route(given, { ...asked, automatic: true }).candidates.map((one) => one.model.id);
      const [, ...rest] = given;
      const left = route(rest, { ...asked, automatic: true }).candidates.map((one) => one.model.id);
      expect(left).toEqual(all.filter((id) => rest.some((one) => one.id === id)));
    });
  });

  const plain = (id: string, changes: Partial<RoutableModel>): RoutableModel => ({
    id,
    name: id,
    enabled: true,
    local: false,
    capabilities: ['chat'],
    languages: [],
    typicalMs: null,
    costMicros: 0,
    hasQuota: true,
    resting: false,
    ...changes,
  });
  const asks = (changes: Partial<Question>): Question => ({
    sensitivity: 'normal',
    because: [],
    needs: [],
    language: 'en',
    latencyClass: 'message',
    preferredModelId: null,
    automatic: true,
    order: [],
    moneyIsCapped: false,
    ...changes,
  });
  const three = [
    plain('a', { typicalMs: 900, costMicros: 1 }),
    plain('b', { typicalMs: 100, costMicros: 9 }),
    plain('c', { typicalMs: 400, costMicros: 5 }),
  ];

  it('takes the fastest where somebody watches, the cheapest where nobody waits, and else the order of the list', () => {
    const orderOf = (changes: Partial<Question>) =>
      route(three, asks(changes)).candidates.map((one) => `${one.model.id} ${one.reason}`);
    expect(orderOf({ latencyClass: 'live' })).toEqual(['b fastest', 'c fastest', 'a fastest']);
    expect(orderOf({ latencyClass: 'batch' })).toEqual(['a cheapest', 'c cheapest', 'b cheapest']);
    expect(orderOf({ order: ['c'], preferredModelId: 'b' })).toEqual([
      'b preferred',
      'c ordered',
      'a next_in_line',
    ]);
  });

  it('says at which step a model was passed over', () => {
    const { skipped } = route(
      [
        plain('far', {}),
        plain('deaf', { local: true, languages: ['pt'] }),
        plain('blind', { local: true, capabilities: ['embeddings'] }),
        plain('spent', { local: true, hasQuota: false }),
        plain('unpriced', { local: true, costMicros: null }),
        plain('ill', { local: true, resting: true }),
      ],
      asks({ sensitivity: 'private', because: ['iban'], moneyIsCapped: true }),
    );
    expect(skipped.map((one) => [one.model, one.reason, one.step, one.because ?? []])).toEqual([
      ['far', 'private_content', 'sensitivity', ['iban']],
      ['deaf', 'lacks_language', 'capability', ['en']],
      ['blind', 'lacks_capability', 'capability', ['chat']],
      ['spent', 'quota_exhausted', 'quota', []],
      ['unpriced', 'price_unknown', 'cost', []],
      ['ill', 'circuit_open', 'health', []],
    ]);
  });
});
