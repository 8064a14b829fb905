// Word documents, by mammoth: to HTML, and from there as a page is read.
import mammoth from 'mammoth';
import { readHtml } from './html.ts';
import { ReadingError, type Reporter } from './reader.ts';

/** @throws ReadingError */
export async function readDocx(bytes: Buffer, report: Reporter): Promise<void> {
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
