import fc from 'fast-check';
import { RRuleTemporal } from 'rrule-temporal';
import { expect, test } from 'vitest';
import { type DateLanguage, findDates } from './dates.ts';
import { tokenize } from './tokens.ts';

const LANGUAGES = ['en', 'es', 'pt'] as const;
const ZONES = [
  'UTC',
  'America/New_York',
  'America/Sao_Paulo',
  'Europe/Lisbon',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
];
const NOW = Date.parse('2026-03-10T10:30:00Z');

const language = fc.constantFrom(...LANGUAGES);
const timeZone = fc.constantFrom(...ZONES);
const now = fc.integer({ min: Date.parse('1975-01-01T00:00:00Z'), max: Date.parse('2090-01-01T00:00:00Z') });

/** Words that the grammar knows, in no order at all. */
const WORDS =
  'tomorrow next last friday 3 at half past on the of in from to until every other week month 13 july 2026 15:30 pm a ago and first -, / . el la de mañana a las y media próximo que viene hasta cada lunes mes hace dois dia às e meia próxima segunda até toda sexta atrás 04/05 5h30 noon easter'.split(
    ' ',
  );
const salad = fc.array(fc.constantFrom(...WORDS), { maxLength: 14 }).map((words) => words.join(' '));
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), salad);

test('no text makes it throw, and what is found lies within the text, in order and apart', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.subarray([...LANGUAGES], { minLength: 1 }),
      timeZone,
      now,
      (text, languages, zone, at) => {
        let last = 0;
        for (const date of findDates(text, { languages, now: at, timeZone: zone })) {
          expect(date.from).toBeGreaterThanOrEqual(last);
          expect(date.to).toBeGreaterThan(date.from);
          expect(date.to).toBeLessThanOrEqual(text.length);
          last = date.to;
          const { start, end } = date;
          if (start !== null && end !== null) expect(end.instant).toBeGreaterThanOrEqual(start.instant);
          expect((date.kind === 'recurrence') === (date.rrule !== null)).toBe(true);
          expect((date.kind === 'duration') === (date.duration !== null)).toBe(true);
          expect(date.confidence).toBeGreaterThan(0);
          expect(date.confidence).toBeLessThanOrEqual(1);
        }
      },
    ),
    { numRuns: 600 },
  );
});

const two = (value: number) => String(value).padStart(2, '0');

/** A moment as people of a language write it in full. */
function written(lang: DateLanguage, { year, month, day, hour, minute }: Record<string, number>): string {
  const clock = `${two(hour ?? 0)}:${two(minute ?? 0)}`;
  const name = new Intl.DateTimeFormat(lang, { month: 'long', timeZone: 'UTC' }).format(
    Date.UTC(2026, (month ?? 1) - 1, 15),
  );
  if (lang === 'en') return `${name} ${day}, ${year} at ${clock}`;
  return lang === 'es'
    ? `el ${day} de ${name} de ${year} a las ${clock}`
    : `${day} de ${name} de ${year} às ${clock}`;
}

test('a moment that is written out in full is read back, in every language and zone', () => {
  fc.assert(
    fc.property(language, timeZone, now, (lang, zone, at) => {
      const instant = Math.floor(at / 60_000) * 60_000;
      const parts = Object.fromEntries(
        new Intl.DateTimeFormat('en-u-hc-h23', {
          timeZone: zone,
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
        })
          .formatToParts(instant)
          .map(({ type, value }) => [type, Number(value)]),
      );
      const text = written(lang, parts);
      const found = findDates(text, { languages: [lang], now: NOW, timeZone: zone });
      expect(found, text).toHaveLength(1);
      // Hours from one to twelve may be of the afternoon as well, and an hour that comes twice is one of two instants.
      const instants = [found[0]?.start, ...(found[0]?.alternatives ?? [])].map((moment) => moment?.instant);
      expect(instants, text).toContain(instant);
    }),
    { numRuns: 500 },
  );
});

const DAYS = {
  en: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  es: ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'],
  pt: ['segunda', 'terça', 'quarta', 'quinta', 'sexta', 'sábado', 'domingo'],
} as const;

test('a recurrence rule is read by others, and its first time is ours', () => {
  const hour = fc.integer({ min: 0, max: 23 });
  fc.assert(
    fc.property(
      language,
      timeZone,
      fc.integer({ min: 0, max: 6 }),
      hour,
      fc.integer({ min: 1, max: 4 }),
      (lang, zone, day, at, weeks) => {
        const clock = `${two(at)}:05`;
        const text = {
          en:
            weeks === 1
              ? `every ${DAYS.en[day]} at ${clock}`
              : `every ${weeks} weeks on ${DAYS.en[day]} at ${clock}`,
          es: `cada ${DAYS.es[day]} a las ${clock}`,
          pt: `toda ${DAYS.pt[day]} às ${clock}`,
        }[lang];
        const [found] = findDates(text, { languages: [lang], now: NOW, timeZone: zone });
        expect(found?.kind, text).toBe('recurrence');
        const from = found?.start?.local.replace(/[-:]/g, '');
        const rule = new RRuleTemporal({
          rruleString: `DTSTART;TZID=${zone}:${from}\nRRULE:${found?.rrule}`,
          maxIterations: 5000,
        });
        const [first, second] = rule.all((_, index) => index < 2);
        expect(first?.epochMilliseconds, text).toBe(found?.start?.instant);
        expect(second?.epochMilliseconds).toBeGreaterThan(first?.epochMilliseconds ?? 0);
      },
    ),
    { numRuns: 60 },
  );
});

test('the same text with and without accents, and in capitals, says the same', () => {
  const texts = [
    'mañana a las 3 y media',
    'el miércoles por la mañana',
    'terça-feira às dez',
    'depois de amanhã',
    'última sexta de março',
    'LAST FRIDAY OF MAY',
  ];
  const read = (text: string, lang: DateLanguage) =>
    findDates(text, { languages: [lang], now: NOW, timeZone: 'UTC' }).map(({ start }) => start?.local);
  for (const [index, text] of texts.entries()) {
    const lang = index < 2 ? 'es' : index < 5 ? 'pt' : 'en';
    const plain = text.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
    expect(read(text, lang), text).not.toEqual([]);
    expect(read(plain, lang), plain).toEqual(read(text, lang));
    expect(read(text.toUpperCase(), lang), text).toEqual(read(text, lang));
    expect(read(text.normalize('NFD'), lang), text).toEqual(read(text, lang));
  }
});

test('other scripts are left untouched', () => {
  const texts = [
    '明天下午三点见面',
    'Встретимся в пятницу в 3',
    'غدا في الساعة الثالثة',
    'नमस्ते कल मिलते हैं',
    '👍🏽🎉 🕒',
    'שלום מחר',
  ];
  for (const text of texts)
    expect(findDates(text, { languages: LANGUAGES, now: NOW, timeZone: 'UTC' }), text).toEqual([]);
});

test('the places of tokens are those in the text, whatever is folded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      let last = 0;
      for (const token of tokenize(text)) {
        expect(token.start).toBeGreaterThanOrEqual(last);
        expect(token.end).toBeGreaterThan(token.start);
        expect(token.isGlued).toBe(last === token.start && token.start > 0);
        last = token.end;
      }
    }),
  );
});

/** Processor time, which other programs on the machine do not change much. */
function cost(text: string): number {
  const before = process.cpuUsage().user;
  findDates(text, { languages: LANGUAGES, now: NOW, timeZone: 'UTC' });
  return process.cpuUsage().user - before;
}

test.each([
  'tomorrow ',
  'the first monday of ',
  '1 ',
  '12/',
  'from 3 to ',
  'el lunes a las ',
  'de ',
  'two hundred thousand and ',
  'words without any date at all ',
  'a',
  'every day until ',
  '((((',
])('a hundred thousand characters of %j take time that grows with the length, and no more', (piece) => {
  const make = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  cost(make(20_000));
  const short = Math.min(cost(make(25_000)), cost(make(25_000)));
  const long = Math.min(cost(make(100_000)), cost(make(100_000)));
  // Four times the text: eight times the time, and never less than 0.6 s, leaves room for a garbage collector, and none for a square.
  expect(long).toBeLessThan(Math.max(8 * short, 600_000));
  expect(long).toBeLessThan(10_000_000);
});
