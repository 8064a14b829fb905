import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeDocx, makePdf } from '../../../../test/documents.ts';
import { cutIntoPassages, type DocumentPart } from '../passages.ts';
import { wordsOf } from '../words.ts';
import { type DocumentToRead, type Reading, readInProcess, usualLimits } from './process.ts';
import type { TextHint } from './reader.ts';

const never = new AbortController().signal;
const read = (
  document: Pick<DocumentToRead, 'bytes'> & Partial<DocumentToRead>,
  reading: Partial<Reading> = {},
) =>
  readInProcess(
    { kind: 'text', hint: 'none', charset: '', ...document },
    { limits: usualLimits, signal: never, onProgress: () => undefined, ...reading },
  );
const readText = async (text: string, hint: TextHint = 'none') =>
  (await read({ bytes: Buffer.from(text), hint })).parts;
const texts = (parts: readonly DocumentPart[]) => parts.map((part) => ('text' in part ? part.text : part));

describe('HTML', () => {
  it('gives headings, paragraphs, lists and tables, and nothing that is hidden or run', async () => {
    const page = `<html><head><title>Shop</title><style>p { color: red }</style></head><body>
      <h1>Shop &amp; Bakery</h1><p>We bake<br>every <b>day</b>.</p><p hidden>secret</p><!-- remark -->
      <ul><li>Bread</li><li><p>Cakes</p><ul><li>Vegan</li></ul></li></ul>
      <table><tr><th>Size</th><th>Price</th></tr><tr><td>Small</td><td>3</td></tr><tr><td>Large</td><td>5</td></tr></table>
      <table><tr><td>Monday</td><td>9 to 5</td></tr></table>
      <details><summary>Do you deliver?</summary>Yes.</details><script>alert("run")</script><svg><text>drawn</text></svg>`;
    expect(texts(await readText(page))).toEqual([
      '# Shop & Bakery',
      'We bake\nevery day.',
      '- Bread\n- Cakes\n- Vegan',
      'Size; Price\nSize: Small; Price: 3\nSize: Large; Price: 5',
      'Monday: 9 to 5',
      '###### Do you deliver?',
      'Yes.',
    ]);
  });

  it('that is broken is read as far as it goes', async () => {
    expect(texts(await readText('<p>One<p>Two</div></b><td>Three<li>Four<h2>Five', 'html'))).toEqual([
      'One',
      'Two',
      'Three\n- Four',
      '## Five',
    ]);
  });
});

describe('tables', () => {
  it('are told from prose, in their delimiters, and each row stands for itself', async () => {
    expect(texts(await readText('name;price;stock\n"Bread; dark";3;\nCake;5;2\n'))).toEqual([
      'name: Bread; dark; price: 3',
      'name: Cake; price: 5; stock: 2',
    ]);
    expect(texts(await readText('Hello, you.\nHow, then, are you?\nWell, thanks.'))).toHaveLength(1);
    expect(await readText('Pregunta\tRespuesta\n¿Abren?\t"Sí,\na las nueve"\n', 'csv')).toEqual([
      { question: '¿Abren?', answer: 'Sí,\na las nueve' },
    ]);
  });
});

describe('JSON', () => {
  it('gives questions with answers, rows, and what is nested under its name', async () => {
    expect(await readText('[{"q":"Open?","a":"Yes","tag":"hours"}]')).toEqual([
      { question: 'Open?', answer: 'Yes\ntag: hours' },
    ]);
    expect(
      texts(await readText('{"shop":"Harbour","hours":{"monday":"9 to 5","days":[1,2]},"notes":["a b"]}')),
    ).toEqual(['shop: Harbour; notes: a b', '# hours', 'monday: 9 to 5; days: 1, 2']);
    expect(texts(await readText('{"a":"1 one"}\n{"a":"2 two"}', 'json'))).toEqual(['a: 1 one', 'a: 2 two']);
  });
});

describe('exported chats', () => {
  const expected = [{ question: 'Hi\nDo you deliver?', answer: 'Yes.\nFor three euros.' }];
  it('of WhatsApp give questions with the answers of the other side, without names and times', async () => {
    const android = `12/03/2024, 10:15 - Messages are end-to-end encrypted.
12/03/2024, 10:16 - Ada: Hi
12/03/2024, 10:16 - Ada: Do you deliver?
12/03/2024, 10:17 - Harbour Bakery: Yes.
For three euros.
12/03/2024, 10:18 - Ada: <Media omitted>
12/03/2024, 10:19 - Ada: Thanks`;
    expect(await readText(android)).toEqual(expected);
    const apple = android.replace(/^([\d/]+, [\d:]+) - /gm, '[$1:07] ');
    expect(await readText(apple)).toEqual(expected);
  });

  it('of Telegram and ChatGPT too', async () => {
    const telegram = {
      name: 'Ada',
      messages: [
        { type: 'service', action: 'create_group' },
        { type: 'message', from: 'Ada', from_id: 'user1', text: 'Hi' },
        {
          type: 'message',
          from: 'Ada',
          from_id: 'user1',
          text: ['Do you ', { type: 'bold', text: 'deliver' }, '?'],
        },
        { type: 'message', from: 'Bakery', from_id: 'user2', text: 'Yes.\nFor three euros.' },
      ],
    };
    expect(await readText(JSON.stringify(telegram))).toEqual(expected);
    const message = (role: string, ...parts: string[]) => ({ author: { role }, content: { parts } });
    const chatGpt = [
      {
        title: 'Bakery',
        current_node: 'c',
        mapping: {
          a: { parent: null, message: null },
          b: { parent: 'a', message: message('user', 'Hi\nDo you deliver?') },
          other: { parent: 'b', message: message('assistant', 'Another branch.') },
          c: { parent: 'b', message: message('assistant', 'Yes.\nFor three euros.') },
        },
      },
    ];
    expect(await readText(JSON.stringify(chatGpt))).toEqual(expected);
  });
});

describe('the process', () => {
  const endless = Buffer.from(`a,b,c\n"${'1,2,3\n'.repeat(1_000_000)}`);

  it('is ended when its time is over, and when nobody waits any more', async () => {
    const limits = { ...usualLimits, timeoutMs: 50 };
    expect((await read({ bytes: endless, hint: 'csv' }, { limits })).error?.code).toBe('took_too_long');
    const giveUp = new AbortController();
    const reading = read({ bytes: endless, hint: 'csv' }, { signal: giveUp.signal });
    giveUp.abort(new Error('given up'));
    await expect(reading).rejects.toThrow('given up');
  });

  it('keeps the pages before the one at which its memory ended', async () => {
    // A page of a million lines after two that are small.
    const pages = [['First.'], ['Second.'], Array.from({ length: 300_000 }, (_, at) => `Line ${at}`)];
    const limits = { ...usualLimits, memoryBytesMax: 220 * 1024 * 1024 };
    const { parts, error } = await read({ bytes: makePdf(pages), kind: 'pdf' }, { limits });
    expect(error).toMatchObject({ code: 'too_much_memory', page: 3 });
    expect(texts(parts)).toEqual(['First.', 'Second.']);
  });
});

const word = fc.stringMatching(/^[a-z]{2,9}$/);
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));

it('no word of a document is lost on its way to the passages, whatever it came as', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sentence, { minLength: 1, maxLength: 12 }), async (sentences) => {
      const escaped = sentences.map((text) => `<p>${text}</p>`).join('');
      const [first = '', ...rest] = sentences;
      const documents: Parameters<typeof read>[0][] = [
        { bytes: Buffer.from(`<html><h1>${first}</h1><h2>${first}</h2><h3>${first}</h3>${escaped}`) },
        { bytes: makeDocx([[1, first], [3, first], ...rest]), kind: 'docx' },
        {
          bytes: makePdf(sentences.map((text, at) => [{ text, size: at === 0 ? 20 : 11 }, text])),
          kind: 'pdf',
        },
        {
          bytes: Buffer.from(`x1,x2,x3\n${sentences.map((text) => `${text},${text},a`).join('\n')}`),
          hint: 'csv',
        },
        { bytes: Buffer.from(JSON.stringify({ [first]: rest, deep: sentences.map((text) => ({ text })) })) },
        {
          bytes: Buffer.from(
            JSON.stringify(sentences.map((text) => ({ question: text.repeat(20), answer: text }))),
          ),
        },
      ];
      const read1 = await Promise.all(documents.map((document) => read(document)));
      for (const [at, { parts, error }] of read1.entries()) {
        expect([at, error]).toEqual([at, null]);
        const passages = cutIntoPassages(parts, () => 'en');
        const kept = new Set(passages.flatMap(({ heading, text }) => wordsOf(`${heading ?? ''} ${text}`)));
        expect([at, wordsOf(sentences.join(' ')).filter((each) => !kept.has(each))]).toEqual([at, []]);
      }
    }),
    { numRuns: 3 },
  );
}, 60_000);
