// Writes an export: an AES-256 encrypted ZIP with one file after the other, in bounded memory, the manifest last.
import { createHash } from 'node:crypto';
import { configure, ZipWriter } from '@zip.js/zip.js';
import type { StorageWriter } from '../../core/storage.ts';
import { exportReadme } from './export-readme.ts';

// One thread: a worker would be a file that the library looks for by itself.
configure({ useWebWorkers: false });

/** Changes when a reader of before would misread what is written. */
export const exportFormat = 1;

export interface ArchiveFile {
  readonly path: string;
  readonly chunks: () => AsyncIterable<string | Uint8Array>;
  /** Counts rows; absent where a file has none. */
  readonly rows?: () => number;
}

interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows?: number;
}

/** Returns size and SHA-256 of the archive. Nothing is there when it throws. */
export async function writeArchive(
  out: StorageWriter,
  passphrase: string,
  about: Readonly<Record<string, unknown>>,
  files: AsyncIterable<ArchiveFile>,
): Promise<{ bytes: number; checksum: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const writable = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await out.write(chunk);
    },
  });
  const zip = new ZipWriter(writable, { password: passphrase, encryptionStrength: 3, level: 6 });
  const listed: ManifestFile[] = [];
  const add = async (file: ArchiveFile) => {
    const own = { hash: createHash('sha256'), bytes: 0 };
    const chunks = file.chunks();
    const read = async function* () {
      for await (const chunk of chunks) {
        const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        own.hash.update(buffer);
        own.bytes += buffer.byteLength;
        yield buffer;
      }
    };
    await zip.add(file.path, ReadableStream.from(read()) as ReadableStream);
    const rows = file.rows?.();
    listed.push({
      path: file.path,
      bytes: own.bytes,
      sha256: own.hash.digest('hex'),
      ...(rows === undefined ? {} : { rows }),
    });
  };
  const text = (path: string, content: string): ArchiveFile => ({
    path,
    chunks: async function* () {
      yield content;
    },
  });
  await add(text('README.md', exportReadme));
  for await (const file of files) await add(file);
  await add(
    text('manifest.json', `${JSON.stringify({ format: exportFormat, ...about, files: listed }, null, 2)}\n`),
  );
  await zip.close();
  await out.commit();
  return { bytes, checksum: hash.digest('hex') };
}
