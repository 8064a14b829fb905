// Says what a file is by its bytes, whatever it claims to be, and whether we keep its kind. Pure.
import { fileTypeFromBuffer } from 'file-type';

const images: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/bmp',
  'image/tiff',
]);

function isKept(type: string): boolean {
  return images.has(type) || /^(?:audio|video)\//.test(type) || type === 'application/pdf';
}

/** The content type of a file that we keep; null for every other one. Texts have no signature: they are what reads as one. */
export async function sniffMedia(bytes: Uint8Array): Promise<string | null> {
  if (bytes.length === 0) return null;
  const found = await fileTypeFromBuffer(bytes);
  if (found) {
    const type = (found.mime.split(';')[0] ?? '').trim();
    if (isKept(type)) return type;
    return type === 'text/vcard' ? type : null;
  }
  const text = readText(bytes);
  if (text === null) return null;
  return /^\uFEFF?BEGIN:VCARD\r?\n/i.test(text) ? 'text/vcard' : 'text/plain';
}

function readText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // Control characters besides tabs and line breaks say that it is none.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    return /[\0-\x08\x0E-\x1F\x7F]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** Pictures of kinds that every browser draws itself, and that carry no script. */
const shown: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/gif',
  'image/webp',
  'image/avif',
]);

/** What a browser may show in place; all else it saves. */
function isShown(contentType: string): boolean {
  return shown.has(contentType);
}

/** Beside its type, for a file that a stranger may have made: it is shown or saved, never run, whatever it turns out to be. */
export function fileHeaders(mediaId: string, contentType: string): Record<string, string> {
  const disposition = isShown(contentType) ? 'inline' : 'attachment';
  return {
    'content-disposition': `${disposition}; filename="${fileNameOf(mediaId, contentType)}"`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  };
}

const extensions: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/vcard': 'vcf',
  'text/plain': 'txt',
  'image/jpeg': 'jpg',
  'audio/mpeg': 'mp3',
};

/** A name to save it under. */
function fileNameOf(mediaId: string, contentType: string): string {
  const extension = extensions[contentType] ?? contentType.split('/')[1]?.replace(/[^a-z0-9]/g, '') ?? 'bin';
  return `${mediaId}.${extension}`;
}
