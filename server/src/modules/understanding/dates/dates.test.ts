import { describe, expect, test } from 'vitest';
import { type DateLanguage, type DateMention, type DateOptions, findDates } from './dates.ts';

// Tuesday, half past ten in the morning.
const NOW = Date.parse('2026-03-10T10:30:00Z');

function find(language: DateLanguage, text: string, options: Partial<DateOptions> = {}): DateMention[] {
  return findDates(text, { languages: [language], now: NOW, timeZone: 'UTC', ...options });
}

/** What is found first, short: `2026-03-13`, `2026-03-13 15:00`, `from/to`, a rule, a length. */
function read(language: DateLanguage, text: string, options: Partial<DateOptions> = {}): string {
  const [date] = find(language, text, options);
  if (date === undefined) return 'nothing';
  const short = (moment: DateMention['start']) =>
    moment?.local.replace('T', ' ').replace(/ 00:00:00$|:00$/, '') ?? '…';
  if (date.duration !== null) return date.duration.iso;
  if (date.rrule !== null) return `${short(date.start)} ${date.rrule}`;
  return date.kind === 'interval' ? `${short(date.start)}/${short(date.end)}` : short(date.start);
}

type Rows = readonly (readonly [DateLanguage, string, string])[];

function promises(rows: Rows): void {
  test.each(rows)('%s: %s', (language, text, expected) => {
    expect(read(language, text)).toBe(expected);
  });
}

describe('days by name', () => {
  promises([
    ['en', 'today', '2026-03-10'],
    ['en', 'tmrw', '2026-03-11'],
    ['en', 'the day before yesterday', '2026-03-08'],
    ['es', 'mañana', '2026-03-11'],
    ['es', 'manana', '2026-03-11'],
    ['es', 'pasado mañana', '2026-03-12'],
    ['es', 'anteayer', '2026-03-08'],
    ['pt', 'depois de amanhã', '2026-03-12'],
    ['pt', 'anteontem', '2026-03-08'],
    ['en', 'see you on friday', '2026-03-13'],
    ['en', 'a tuesday is a week from now', '2026-03-17'],
    ['en', 'next friday', '2026-03-20'],
    ['en', 'this friday', '2026-03-13'],
    ['en', 'last friday', '2026-03-06'],
    ['en', 'friday after next', '2026-03-20'],
    ['es', 'el viernes que viene', '2026-03-20'],
    ['es', 'este próximo viernes', '2026-03-13'],
    ['es', 'el viernes pasado', '2026-03-06'],
    ['pt', 'sexta-feira', '2026-03-13'],
    ['pt', 'terça agora', '2026-03-10'],
    ['pt', 'sexta passada', '2026-03-06'],
    ['en', '2 thursdays ago', '2026-02-26'],
    ['en', 'in 3 days on monday', '2026-03-09'],
  ]);
});

describe('dates by number', () => {
  promises([
    ['en', 'march 3rd, 2027', '2027-03-03'],
    ['en', 'the third of march', '2027-03-03'],
    ['en', '14th april 15', '2015-04-14'],
    ['en', 'february twenty second', '2027-02-22'],
    ['en', 'january twenty five nineteen eighty six', '1986-01-25'],
    ['en', '2026-05-04', '2026-05-04'],
    ['en', '20160504', '2016-05-04'],
    ['en', '23/Sep/2020', '2020-09-23'],
    ['en', 'Fri 13th', '2026-03-13'],
    ['en', 'on the 15th', '2026-03-15'],
    ['es', 'el 1.º de julio', '2026-07-01'],
    ['es', 'el primero de marzo de dos mil treinta y dos', '2032-03-01'],
    ['es', '31-dic-1994', '1994-12-31'],
    ['es', 'día quince', '2026-03-15'],
    ['es', 'nueve de agosto del 87', '1987-08-09'],
    ['pt', '1o de março', '2027-03-01'],
    ['pt', 'dia 15', '2026-03-15'],
    ['pt', 'vinte e cinco de dezembro', '2026-12-25'],
    ['pt', '2 de outubro de 92', '1992-10-02'],
    ['en', '2/29', '2028-02-29'],
  ]);

  test('a date in figures is read in the order of the language, and the other order is given too', () => {
    expect(read('en', '04/05/2026')).toBe('2026-04-05');
    expect(read('es', '04/05/2026')).toBe('2026-05-04');
    expect(read('en', '04/05/2026', { dayFirst: true })).toBe('2026-05-04');
    expect(find('pt', '04/05/2026')[0]?.alternatives.map(({ local }) => local)).toEqual([
      '2026-04-05T00:00:00',
    ]);
    expect(read('en', '23/04/2026')).toBe('2026-04-23');
    expect(find('en', '23/04/2026')[0]?.alternatives).toEqual([]);
  });

  test('what a calendar does not have is no date', () => {
    for (const text of ['2/30/2026', '2015-32', '2015-1-32', '31/11']) expect(find('en', text)).toEqual([]);
  });
});

describe('weeks, months, quarters and years', () => {
  promises([
    ['en', 'next week', '2026-03-16'],
    ['en', 'last month', '2026-02-01'],
    ['es', 'la semana que viene', '2026-03-16'],
    ['es', 'el año pasado', '2025-01-01'],
    ['pt', 'mês passado', '2026-02-01'],
    ['pt', 'trimestre atual', '2026-01-01'],
    ['en', 'next quarter', '2026-04-01'],
    ['en', '3rd quarter of 2027', '2027-07-01'],
    ['en', '18q4', '2018-10-01'],
    ['en', 'week 3 of 2027', '2027-01-18'],
    ['en', 'next 3 days', '2026-03-11/2026-03-14'],
    ['es', 'los próximos tres meses', '2026-04-01/2026-07-01'],
    ['pt', 'últimos 2 anos', '2024-01-01/2026-01-01'],
    ['en', 'this weekend', '2026-03-13 18:00/2026-03-16'],
    ['en', 'this weekend at 9 am', '2026-03-14 09:00'],
    ['en', 'last friday of october', '2026-10-30'],
    ['en', 'first monday of next month', '2026-04-06'],
    ['es', 'el último viernes de octubre', '2026-10-30'],
    ['pt', 'última sexta de outubro', '2026-10-30'],
    ['pt', 'décimo segundo mês de 2027', '2027-12-01'],
    ['en', 'the second last week of 2018', '2018-12-17'],
    ['en', 'end of the month', '2026-03-21/2026-04-01'],
    ['en', 'by the end of next month', '2026-03-10 10:30/2026-05-01'],
    ['es', 'a principios de año', '2026-01-01/2026-04-01'],
    ['pt', 'fim de abril', '2026-04-21/2026-05-01'],
    ['en', 'this summer', '2026-06-21/2026-09-24'],
    ['en', 'the week of march 25th', '2026-03-23'],
  ]);
});

describe('times of day', () => {
  promises([
    ['en', 'at 3', '2026-03-10 15:00'],
    ['en', 'tomorrow at 3', '2026-03-11 15:00'],
    ['en', 'tomorrow at 9', '2026-03-11 09:00'],
    ['en', 'today at 9', '2026-03-10 21:00'],
    ['en', 'half past three', '2026-03-10 15:30'],
    ['en', 'quarter to 5 pm', '2026-03-10 16:45'],
    ['en', '20 past eight in the evening', '2026-03-10 20:20'],
    ['en', 'seven thirty p.m.', '2026-03-10 19:30'],
    ['en', '15h30', '2026-03-10 15:30'],
    ['en', '330 pm', '2026-03-10 15:30'],
    ['en', '3 in the morning', '2026-03-11 03:00'],
    ['en', 'tonight at 8', '2026-03-10 20:00'],
    ['en', 'midnight', '2026-03-11'],
    ['en', 'Thu at 8 GMT', '2026-03-12 08:00'],
    ['en', '3pm PST', '2026-03-10 23:00'],
    ['es', 'a las 3 y media', '2026-03-10 15:30'],
    ['es', 'a las ocho menos cuarto de la tarde', '2026-03-10 19:45'],
    ['es', 'mañana a las 12', '2026-03-11 12:00'],
    ['es', 'a las seis cero dos pm', '2026-03-10 18:02'],
    ['es', 'las tres en la manana', '2026-03-11 03:00'],
    ['es', 'el viernes a las 15.30', '2026-03-13 15:30'],
    ['pt', 'às 15h', '2026-03-10 15:00'],
    ['pt', 'quinze para as oito', '2026-03-10 19:45'],
    ['pt', 'meio-dia e meia', '2026-03-10 12:30'],
    ['pt', 'as quatro da tarde', '2026-03-10 16:00'],
    ['pt', 'dia 15 às 18h15', '2026-03-15 18:15'],
  ]);

  test('an hour without morning or afternoon has its other half as an alternative', () => {
    const [date] = find('en', 'tomorrow at 3');
    expect(date?.alternatives.map(({ local }) => local)).toEqual(['2026-03-11T03:00:00']);
    for (const text of ['tomorrow at 3 pm', 'tomorrow at 15:00', 'tomorrow at 03:00', 'tomorrow at noon']) {
      expect(find('en', text)[0]?.alternatives, text).toEqual([]);
    }
  });

  test('a stated zone is told, and the moment is on the clock of whoever asked', () => {
    const [date] = find('en', 'tomorrow at 3 pm PST', { timeZone: 'Europe/Madrid' });
    expect(date).toMatchObject({
      statedOffset: -480,
      start: { instant: Date.parse('2026-03-11T23:00:00Z'), local: '2026-03-12T00:00:00' },
    });
  });
});

describe('parts of the day and periods', () => {
  promises([
    ['es', 'el viernes a la tarde', '2026-03-13 12:00/2026-03-13 19:00'],
    ['es', 'mañana por la mañana', '2026-03-11 04:00/2026-03-11 12:00'],
    ['pt', 'amanhã de manhã', '2026-03-11 04:00/2026-03-11 12:00'],
    ['pt', 'sexta à noite', '2026-03-13 18:00/2026-03-14'],
    ['en', 'last night', '2026-03-09 18:00/2026-03-10'],
    ['en', 'from 9 to 5 tomorrow', '2026-03-11 09:00/2026-03-11 17:00'],
    ['en', '3-8pm on friday', '2026-03-13 15:00/2026-03-13 20:00'],
    ['en', 'between 11 and 1pm tomorrow', '2026-03-11 11:00/2026-03-11 13:00'],
    ['en', 'july 13 to 15', '2026-07-13/2026-07-16'],
    ['es', 'del 13 al 15 de julio', '2026-07-13/2026-07-16'],
    ['pt', '13-15 de julho', '2026-07-13/2026-07-16'],
    ['pt', '21 de dez. a 6 de jan', '2026-12-21/2027-01-07'],
    ['en', 'from monday to friday', '2026-03-16/2026-03-21'],
    ['en', 'Nov-Feb 2027', '2026-11-01/2027-03-01'],
    ['en', '2024-2026', '2024-01-01/2027-01-01'],
    ['en', 'since 2014', '2014-01-01/…'],
    ['en', 'after 2014', '2015-01-01/…'],
    ['en', 'before friday', '…/2026-03-13'],
    ['es', 'hoy antes de las 4 p.m.', '…/2026-03-10 16:00'],
    ['pt', 'amanhã depois das 15hs', '2026-03-11 15:00/…'],
    ['en', 'from 4pm for thirty minutes', '2026-03-10 16:00/2026-03-10 16:30'],
    ['en', 'asap', '2026-03-10 10:30/…'],
    ['en', 'within 2 weeks', '2026-03-10 10:30/2026-03-24'],
  ]);
});

describe('lengths of time', () => {
  promises([
    ['en', 'in a quarter of an hour', '2026-03-10 10:45'],
    ['en', 'in 2.5 hours', '2026-03-10 13:00'],
    ['en', 'in half an hour', '2026-03-10 11:00'],
    ['en', 'a fortnight ago', '2026-02-24 10:00'],
    ['en', '3 days from tuesday', '2026-03-20'],
    ['en', 'two weeks before christmas', '2026-12-11'],
    ['es', 'dentro de un cuarto de hora', '2026-03-10 10:45'],
    ['es', 'hace dos semanas', '2026-02-24'],
    ['pt', 'daqui a duas semanas', '2026-03-24'],
    ['pt', 'há três dias', '2026-03-07 10:00'],
    ['en', 'an hour and a half', 'PT1.5H'],
    ['en', 'it takes 3 hours 30 minutes', 'PT3H30M'],
    ['es', 'una hora y media', 'PT1.5H'],
    ['pt', 'dura 30 minutos', 'PT30M'],
  ]);
});

describe('holidays', () => {
  promises([
    ['en', 'christmas', '2026-12-25'],
    ['en', "new year's eve", '2026-12-31'],
    ['en', 'easter 2027', '2027-03-28'],
    ['en', 'thanksgiving in 3 years', '2029-11-22'],
    ['en', "mother's day", '2026-05-10'],
    ['en', 'eid al-fitr 2018', '2018-06-15'],
    ['en', 'chanukah 2018', '2018-12-02/2018-12-10'],
    ['en', 'chinese new year 2014', '2014-01-31'],
    ['es', 'nochebuena', '2026-12-24'],
    ['es', 'viernes santo', '2026-04-03'],
    ['pt', 'carnaval de 2027', '2027-02-09'],
    ['pt', 'véspera de natal', '2026-12-24'],
  ]);
});

describe('what comes again', () => {
  promises([
    [
      'en',
      'every other tuesday at 9',
      '2026-03-17 09:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=9;BYMINUTE=0',
    ],
    ['en', 'first monday of every month', '2026-04-06 FREQ=MONTHLY;BYDAY=1MO'],
    ['en', 'every weekday at 8 pm', '2026-03-10 20:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=20;BYMINUTE=0'],
    ['en', 'on the 19th of every month', '2026-03-19 FREQ=MONTHLY;BYMONTHDAY=19'],
    ['en', 'every 5th of november', '2026-11-05 FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=5'],
    ['en', 'quarterly', '2026-03-10 FREQ=MONTHLY;INTERVAL=3'],
    ['en', 'every day until friday', '2026-03-10 FREQ=DAILY;UNTIL=20260313T235959Z'],
    ['es', 'todos los lunes a las 9', '2026-03-16 09:00 FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0'],
    ['es', 'cada dos días', '2026-03-10 FREQ=DAILY;INTERVAL=2'],
    ['pt', 'toda segunda às 9h', '2026-03-16 09:00 FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0'],
    ['pt', 'todas as terças e quintas', '2026-03-10 FREQ=WEEKLY;BYDAY=TU,TH'],
    ['pt', 'dia sim dia não', '2026-03-10 FREQ=DAILY;INTERVAL=2'],
  ]);
});

describe('what is no date is left alone', () => {
  const texts: readonly (readonly [DateLanguage, string])[] = [
    ['en', 'May I ask what this is for?'],
    ['en', 'you may not! They march on.'],
    ['en', 'she sat in the sun for a second'],
    ['en', 'Call me at (206) 555-1212 or +86 138-2010-2015'],
    ['en', 'It costs $1999, or 2000 pieces at 5 stores'],
    ['en', 'the 3rd floor, the 2nd time'],
    ['en', 'a 4:3 picture, version 1.2.3, 7ampm'],
    ['en', 'https://example.org/redir?id=~3am3ioYcY0KBufX'],
    ['en', 'Good night, and have a great week!'],
    ['es', 'Buenas noches, buenas tardes, buenos días'],
    ['es', 'ya lo vi, mi amor, en el mar'],
    ['es', 'Hay de dos a cuatro personas, el primer planeta'],
    ['es', 'El SSN es 123-12-1234, cuesta 5,00 $'],
    ['pt', 'uma pessoa já está no quarto, o segundo andar'],
    ['pt', 'O preço é em torno de US $ 5,00, entre 3 e 10'],
    ['pt', 'vamos ter um set, o Marco fez dez'],
  ];
  test.each(texts)('%s: %s', (language, text) => {
    expect(find(language, text).map(({ from, to }) => text.slice(from, to))).toEqual([]);
  });
});

describe('in a message', () => {
  test('each date is found in its place, in order', () => {
    const text = 'Dentist tomorrow at 3 pm, and call Ana on Friday.';
    const found = find('en', text);
    expect(found.map(({ from, to }) => text.slice(from, to))).toEqual(['tomorrow at 3 pm', 'Friday']);
  });

  test('the language that reads more of a text wins', () => {
    const both = { languages: ['en', 'es'] as const, now: NOW, timeZone: 'UTC' };
    expect(findDates('el viernes a las 3 de la tarde', both)[0]?.start?.local).toBe('2026-03-13T15:00:00');
    expect(findDates('friday at 3 pm', both)[0]?.start?.local).toBe('2026-03-13T15:00:00');
  });

  test('days are those of the zone: at eleven in the evening in São Paulo tomorrow is not yet the day after', () => {
    const now = Date.parse('2026-03-11T02:00:00Z');
    expect(read('pt', 'amanhã', { now, timeZone: 'America/Sao_Paulo' })).toBe('2026-03-11');
    expect(read('pt', 'amanhã', { now, timeZone: 'Asia/Tokyo' })).toBe('2026-03-12');
  });

  test('hours from now are hours, and days from now the same time of day, when the clock is set forward', () => {
    const now = Date.parse('2026-03-28T11:00:00Z');
    const zone = { now, timeZone: 'Europe/Madrid' };
    expect(find('en', 'in 24 hours', zone)[0]?.start).toEqual({
      instant: now + 86_400_000,
      local: '2026-03-29T13:00:00',
    });
    expect(find('en', 'tomorrow at 12:00', zone)[0]?.start?.instant).toBe(now + 23 * 3_600_000);
  });

  test('a time that the clock skips is the one it would have been, and a time that comes twice is given twice', () => {
    const zone = { timeZone: 'America/New_York' };
    const skipped = find('en', '2026-03-08 02:30', zone)[0];
    expect(skipped?.start?.instant).toBe(Date.parse('2026-03-08T07:30:00Z'));
    const twice = find('en', '2026-11-01 01:30', zone)[0];
    expect(twice?.start?.instant).toBe(Date.parse('2026-11-01T05:30:00Z'));
    expect(twice?.alternatives.map(({ instant }) => instant)).toContain(Date.parse('2026-11-01T06:30:00Z'));
  });

  test('an unknown zone is refused', () => {
    expect(() => find('en', 'tomorrow', { timeZone: 'Nowhere/Land' })).toThrow(RangeError);
  });
});
