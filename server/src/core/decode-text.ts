/** By its byte order mark, as the first of the charsets that it is, or as what Windows wrote before. */
export function decodeText(bytes: Uint8Array, charsets: readonly string[] = ['utf-8']): string {
  for (const charset of [...markOf(bytes), ...charsets]) {
    const text = decodeAs(bytes, charset);
    if (text !== null) return text;
  }
  return decodeAs(bytes, 'windows-1252') ?? Buffer.from(bytes).toString('latin1');
}

function markOf(bytes: Uint8Array): string[] {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return ['utf-16le'];
  return bytes[0] === 0xfe && bytes[1] === 0xff ? ['utf-16be'] : [];
}

function decodeAs(bytes: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
