// Files as people upload them, made by hand: no library that reads them wrote them.
import { crc32, deflateRawSync } from 'node:zlib';

export interface PdfLine {
  readonly text: string;
  readonly size?: number;
}

/** One page for each list of lines; `broken` names pages (from 1) that are not there. */
export function makePdf(
  pages: readonly (readonly (string | PdfLine)[])[],
  broken: readonly number[] = [],
): Buffer {
  const objects: string[] = ['<< /Type /Catalog /Pages 2 0 R >>'];
  const firstPage = 4;
  const kids = pages.map((_, at) => `${broken.includes(at + 1) ? 9999 : firstPage + at * 2} 0 R`);
  objects.push(`<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages.length} >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  pages.forEach((lines, at) => {
    const content = firstPage + at * 2 + 1;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${content} 0 R >>`,
    );
    let y = 800;
    const drawn = lines.map((line) => {
      const { text, size = 11 } = typeof line === 'string' ? { text: line } : line;
      y -= size * 1.3;
      const escaped = text.replace(/[\\()]/g, (mark) => `\\${mark}`);
      return `BT /F1 ${size} Tf 1 0 0 1 50 ${y.toFixed(1)} Tm (${escaped}) Tj ET`;
    });
    objects.push(stream(Buffer.from(drawn.join('\n'), 'latin1').toString('latin1')));
  });
  return assemble(objects);
}

/** One page that inflates to `bytes` of drawing. */
export function makePdfBomb(bytes: number): Buffer {
  // Filters one after the other: a kilobyte becomes a gigabyte.
  const line = Buffer.from('BT /F1 9 Tf (a) Tj ET\n');
  const once = deflate(Buffer.alloc(bytes, line));
  const twice = deflate(once);
  return assemble([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [4 0 R] /Count 1 >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>',
    stream(twice.toString('latin1'), '/Filter [/FlateDecode /FlateDecode]'),
  ]);
}

function stream(content: string, more = ''): string {
  return `<< /Length ${content.length} ${more} >>\nstream\n${content}\nendstream`;
}

/** zlib's frame around what `deflateRawSync` gives, as PDF wants it. */
function deflate(bytes: Buffer): Buffer {
  const raw = deflateRawSync(bytes, { level: 9 });
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(((b << 16) | a) >>> 0);
  return Buffer.concat([Buffer.from([0x78, 0xda]), raw, checksum]);
}

function assemble(objects: readonly string[]): Buffer {
  let body = '%PDF-1.7\n';
  const offsets = objects.map((object, at) => {
    const offset = body.length;
    body += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
}

export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const packed = deflateRawSync(content, { level: 9 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields, rest, Buffer.from(name)]),
    );
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

/** A Word document of paragraphs; a number before the text is the level of a heading. */
export function makeDocx(paragraphs: readonly (string | readonly [level: number, text: string])[]): Buffer {
  const written = paragraphs.map((paragraph) => {
    const [level, text] = typeof paragraph === 'string' ? [0, paragraph] : paragraph;
    const style = level > 0 ? `<w:pPr><w:pStyle w:val="Heading${level}"/></w:pPr>` : '';
    return `<w:p>${style}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
  });
  return packDocx(Buffer.from(documentOf(written.join(''))));
}

/** A Word document whose text inflates to `bytes`. */
export function makeDocxBomb(bytes: number): Buffer {
  return packDocx(Buffer.from(documentOf(`<w:p><w:r><w:t>${'a'.repeat(bytes)}</w:t></w:r></w:p>`)));
}

function documentOf(body: string): string {
  return `${xml}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`;
}

function packDocx(document: Buffer): Buffer {
  const types = `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
  const relations = `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`;
  const levels = [1, 2, 3].map(
    (level) =>
      `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/></w:style>`,
  );
  const styles = `${xml}<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${levels.join('')}</w:styles>`;
  const documentRelations = `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`;
  return makeZip([
    { name: '[Content_Types].xml', content: Buffer.from(types) },
    { name: '_rels/.rels', content: Buffer.from(relations) },
    { name: 'word/document.xml', content: document },
    { name: 'word/styles.xml', content: Buffer.from(styles) },
    { name: 'word/_rels/document.xml.rels', content: Buffer.from(documentRelations) },
  ]);
}
