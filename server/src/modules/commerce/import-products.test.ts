import type { Product, ProductImport } from '@parley/contract/commerce';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const productsPath = '/api/v1/products';

type Answer = ProductImport & { error?: { code: string; message: string } };

async function importFile(client: ApiClient, content: string | Buffer<ArrayBuffer>) {
  const form = new FormData();
  form.append('file', new Blob([content]), 'products.csv');
  const response = await fetch(`${test.url}${productsPath}/imports`, {
    method: 'POST',
    headers: await client.authorization(),
    body: form,
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

async function productsOf(client: ApiClient): Promise<Record<string, Product>> {
  const { items } = (await client.get<{ items: Product[] }>(`${productsPath}?limit=100`)).body;
  return Object.fromEntries(items.map((product) => [product.sku, product]));
}

const csv = (...lines: string[]) => lines.join('\r\n');

it.each([
  ['UTF-8 with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16 of a spreadsheet', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['Windows-1252', (text: string) => Buffer.from(text, 'latin1')],
])('a file in %s is read as what it says', async (_, encode) => {
  const admin = (await test.workspace()).as('admin');
  const file = encode(csv('sku\tname\tprice', 'A\tSofá “grande”\t12,50'.replaceAll(/[“”]/g, '"')));
  expect((await importFile(admin, file)).body).toMatchObject({ created: 1, refused: 0 });
  expect((await productsOf(admin)).A).toMatchObject({ name: 'Sofá "grande"', priceMinor: 1250 });
});

it('a cell is what it says, whatever a spreadsheet would make of it', async () => {
  const admin = (await test.workspace()).as('admin');
  const file = csv(
    'sku;name;description',
    '"=""00123""";Nails 6" long;-5 degrees',
    'F;"=HYPERLINK(""http://x"";""y"")";@SUM(A1)',
    'L;"Two',
    'lines";',
  );
  expect((await importFile(admin, file)).body).toMatchObject({ created: 3, refused: 0 });
  const products = await productsOf(admin);
  expect(products.F).toMatchObject({ name: '=HYPERLINK("http://x";"y")', description: '@SUM(A1)' });
  expect(products['00123']).toMatchObject({ name: 'Nails 6" long', description: '-5 degrees' });
  expect(products.L).toMatchObject({ name: 'Two\r\nlines' });
});

it('each way to write a price is read, and what is none is told of by row, column and code', async () => {
  const admin = (await test.workspace()).as('admin');
  const prices = {
    '1234.5': [123_450, 'EUR'],
    '1,234.50': [123_450, 'EUR'],
    '1.234,50': [123_450, 'EUR'],
    '1 234,5': [123_450, 'EUR'],
    '0': [0, 'EUR'],
    '500': [500, 'JPY'],
    '1.234': [1234, 'KWD'],
    '1.23': ['not_a_price', 'JPY'],
    '1,234': ['not_a_price', 'EUR'],
    '12 euros': ['not_a_price', 'EUR'],
    '1e5': ['not_a_price', 'EUR'],
    '-3': ['negative', 'EUR'],
    '20000000.01': ['too_large', 'EUR'],
    '999999999999999': ['not_a_price', 'EUR'],
  } as const;
  const cells = Object.entries(prices);
  const lines = cells.map(([price, [, currency]], at) => `sku-${at}\tThing\t${price}\t${currency}`);
  const { body } = await importFile(admin, csv('sku\tname\tprice\tcurrency', ...lines));
  const products = await productsOf(admin);
  cells.forEach(([, [wanted]], at) => {
    if (typeof wanted === 'number') expect(products[`sku-${at}`]?.priceMinor).toBe(wanted);
    else expect(body.problems).toContainEqual({ row: at + 2, column: 'price', code: wanted });
  });
  expect(body.refused).toBe(7);
});

it('rows are counted as a spreadsheet does, and the report has what cannot be kept', async () => {
  const admin = (await test.workspace()).as('admin');
  const { body } = await importFile(
    admin,
    csv(
      ' SKU ,Name,Brand,Currency',
      'A,Lamp,x,EUR',
      '',
      ',,,',
      '"B\r\nB",Desk,x,',
      'C,Cha\0ir,x,',
      'D,Shelf,x,QQQ',
      `${'E'.repeat(101)},Bed,x,`,
      'A',
      'G,Table,x,EUR,12,50',
    ),
  );
  expect(body).toMatchObject({ created: 2, refused: 5, ignoredColumns: ['Brand'] });
  expect(body.problems).toEqual([
    { row: 6, column: 'name', code: 'not_text' },
    { row: 7, column: 'currency', code: 'not_a_currency' },
    { row: 8, column: 'sku', code: 'too_long' },
    { row: 9, column: 'name', code: 'missing' },
    { row: 9, column: 'sku', code: 'sku_repeated' },
    { row: 10, column: 'Currency', code: 'too_many_cells' },
  ]);
});

it('what a file has no column for stays as it is', async () => {
  const admin = (await test.workspace()).as('admin');
  await importFile(admin, csv('sku,name,description,price,currency,in_stock', 'A,Lamp,Of brass,3,EUR,no'));
  expect((await importFile(admin, csv('sku,name,price', 'A,Lamp,4'))).body).toMatchObject({ updated: 1 });
  expect((await productsOf(admin)).A).toMatchObject({
    description: 'Of brass',
    priceMinor: 400,
    currency: 'EUR',
    inStock: false,
  });
  expect((await importFile(admin, csv('sku,name', 'A,Lamp'))).body).toMatchObject({ unchanged: 1 });
});

it('a long file is taken; one that is too long, or no table, is refused and says why', async () => {
  const admin = (await test.workspace()).as('admin');
  const rows = (count: number) => Array.from({ length: count }, (_, at) => `${at},Thing ${at}`);
  expect((await importFile(admin, csv('sku,name', ...rows(2_500)))).body).toMatchObject({ created: 2_500 });
  const refused = async (file: string) => {
    const { status, body } = await importFile(admin, file);
    expect(status).toBe(400);
    return body.error?.message;
  };
  expect(await refused(csv('sku,name', ...rows(100_001)))).toContain('100,000 rows');
  expect(await refused(csv('sku,name', 'A,Lamp', 'B,"Desk', 'C,Chair'))).toContain('row 3');
  expect(await refused(csv('code,title', 'A,Lamp'))).toContain('sku and name');
  expect(await refused('')).toContain('sku and name');
});

it('a file with more columns than any shop has is refused before its rows are looked at', async () => {
  const admin = (await test.workspace()).as('admin');
  const columns = (count: number) => `sku,name${','.repeat(count - 2)}`;
  expect(await importFile(admin, csv(columns(200), 'A,Lamp'))).toMatchObject({ body: { created: 1 } });
  const wide = csv(columns(1_000_000), ...Array.from({ length: 999 }, (_, at) => `${at},Thing`));
  expect(await importFile(admin, wide)).toMatchObject({
    status: 400,
    body: { error: { code: 'too_many_columns' } },
  });
});
