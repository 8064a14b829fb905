// Word documents, by mammoth: to HTML, and from there as a page is read.
import mammoth from 'mammoth';
import { readHtml } from './html.ts';
import { readPacked } from './packed.ts';
import { ReadingError, type Reporter } from './reader.ts';

/** What a document of a thousand pages has, times ten. */
const filesMax = 4096;
const unpackedBytesMax = 128 * 1024 * 1024;

/** @throws ReadingError */
export async function readDocx(bytes: Buffer, report: Reporter): Promise<void> {
  const packed = readPacked(bytes);
  if (!packed) throw new ReadingError('unreadable');
  if (packed.files > filesMax || packed.bytes > unpackedBytesMax) throw new ReadingError('too_much_memory');
  const { value } = await mammoth
    .convertToHtml(
      { buffer: bytes },
      // Pictures say nothing here, and a link to an outside one must not be followed.
      { convertImage: mammoth.images.imgElement(async () => ({ src: '' })), externalFileAccess: false },
    )
    .catch((cause: unknown) => {
      throw new ReadingError('unreadable', { cause });
    });
  readHtml(value, report);
}
