import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeDocx, makeDocxBomb, makeZip } from '../../../../test/documents.ts';
import { readDocx } from './docx.ts';
import { readPacked } from './packed.ts';
import type { Reporter } from './reader.ts';

const reporter = (): Reporter & { parts: number } => ({
  parts: 0,
  part() {
    this.parts += 1;
  },
  title: () => undefined,
  page: () => undefined,
  rows: () => undefined,
  pageFailed: () => undefined,
});

it('a packed file says what it unfolds to, also behind a comment', () => {
  const zip = makeZip([
    { name: 'a.txt', content: Buffer.alloc(1000, 'a') },
    { name: 'b/c.txt', content: Buffer.alloc(24, 'b') },
  ]);
  expect(readPacked(zip)).toEqual({ files: 2, bytes: 1024 });
  expect(readPacked(Buffer.concat([zip, Buffer.from('PK and more')]))).toEqual({ files: 2, bytes: 1024 });
  expect(readPacked(Buffer.from('no such thing'))).toBeNull();
});

it('a document that would unfold too far, or into too many files, is refused before anything of it is unpacked', async () => {
  const many = makeZip(
    Array.from({ length: 5000 }, (_, index) => ({ name: `word/${index}.xml`, content: Buffer.from('x') })),
  );
  // Here, where no process bounds it, it would be read.
  for (const bytes of [makeDocxBomb(150_000_000), many])
    await expect(readDocx(bytes, reporter())).rejects.toMatchObject({ code: 'too_much_memory' });
  const read = reporter();
  await readDocx(makeDocx(['We open at nine.']), read);
  expect(read.parts).toBeGreaterThan(0);
});

it('no bytes make it throw, and none make it read beyond them', () => {
  const zip = makeZip([{ name: 'a', content: Buffer.from('a') }]);
  fc.assert(
    fc.property(fc.nat(zip.length - 1), fc.nat(255), fc.nat(zip.length), (at, byte, length) => {
      const changed = Buffer.from(zip.subarray(0, length));
      if (at < changed.length) changed[at] = byte;
      const packed = readPacked(changed);
      expect(packed === null || packed.files >= 0).toBe(true);
    }),
  );
});
