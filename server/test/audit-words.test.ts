// What the audit's page says of an entry, in each of its languages, against what the server can write.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { modules } from '../src/app.ts';
import { actionsOf } from '../src/modules/tenancy/module.ts';

const languages = ['en', 'es', 'pt'] as const;
const events = modules.flatMap((module) => module.events ?? []);

const word = z.record(z.string(), z.unknown());
const threeLanguages = z.object({ en: word, es: word, pt: word });
type Words = z.output<typeof threeLanguages>;
/** By its address: the page's own imports need the types of a browser, which nothing here is checked with. */
async function wordsOf(part: 'actions' | 'facts' | 'values'): Promise<Words> {
  const file = new URL(`../../web/src/features/tenancy/texts-audit-${part}.ts`, import.meta.url);
  const [words] = Object.values(z.record(z.string(), z.unknown()).parse({ ...(await import(file.href)) }));
  return threeLanguages.parse(words);
}
const missing = (words: Words, wanted: Iterable<string>) =>
  languages.flatMap((language) =>
    [...new Set(wanted)].filter((name) => !(name in words[language])).map((name) => `${language}: ${name}`),
  );

const ofString = z.object({ format: z.string().optional(), enum: z.array(z.string()).optional() });
const payload = z.object({
  properties: z.record(z.string(), ofString.extend({ items: ofString.optional() })).default({}),
});

/** What is shown of an entry besides its action: not the thing that it was done to, nor ids of others, nor what is counted. */
const shown = events.flatMap(({ payload: schema, audit }) => {
  if (!audit) return [];
  const { properties } = payload.parse(z.toJSONSchema(schema, { unrepresentable: 'any' }));
  return Object.entries(properties).filter(
    ([name]) => name !== audit.id && !/Id$|^(?:count|withinHour|from)$/.test(name),
  );
});

test('whatever can be in the audit is called by a name in each language', async () => {
  const actions = actionsOf(events);
  expect(actions.length).toBeGreaterThan(70);
  expect(missing(await wordsOf('actions'), actions)).toEqual([]);
});

test('no name is left of what cannot be in the audit any more', async () => {
  const actions = new Set(actionsOf(events));
  expect(Object.keys((await wordsOf('actions')).en).filter((action) => !actions.has(action))).toEqual([]);
});

test('what an entry tells besides is told in each language, and so is each value that it may have', async () => {
  expect(shown.length).toBeGreaterThan(50);
  expect(
    missing(
      await wordsOf('facts'),
      shown.map(([name]) => name),
    ),
  ).toEqual([]);
  const values = shown.flatMap(([, { enum: own = [], items }]) => [...own, ...(items?.enum ?? [])]);
  expect(missing(await wordsOf('values'), values)).toEqual([]);
});
