// What a packed file says that it unfolds to, read from its own list of contents before anything of it is unpacked. What it
// says may be a lie: the limits of the process hold all the same.

export interface Packed {
  readonly files: number;
  /** When unpacked, all of them together. */
  readonly bytes: number;
}

const endMark = 0x06054b50;
const endBytes = 22;
const entryMark = 0x02014b50;
const entryBytes = 46;
const commentBytesMax = 0xffff;

/** ZIP, as APPNOTE.TXT 6.3 describes it in 4.3.12 and 4.3.16. Null for what is none, and for what needs its larger form (ZIP64). */
export function readPacked(file: Buffer): Packed | null {
  const end = findEnd(file);
  if (end < 0) return null;
  const files = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  let bytes = 0;
  for (let index = 0; index < files; index += 1) {
    if (at + entryBytes > end || file.readUInt32LE(at) !== entryMark) return null;
    bytes += file.readUInt32LE(at + 24);
    at += entryBytes + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return { files, bytes };
}

/** It stands at the end, and only a comment may follow. */
function findEnd(file: Buffer): number {
  const first = Math.max(0, file.length - endBytes - commentBytesMax);
  for (let at = file.length - endBytes; at >= first; at -= 1)
    if (file.readUInt32LE(at) === endMark) return at;
  return -1;
}
