// The process that reads one document: bytes on its standard input, lines of JSON on its standard output. Started by
// process.ts for one document, and ended by it, or by itself when it takes more memory than it may.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { DocumentPart } from '../passages.ts';
import { type FileKind, ReadingError, type Reporter, type TextHint } from './reader.ts';

export type Said =
  | { readonly part: DocumentPart }
  | { readonly title: string }
  | { readonly progress: { done: number; of: number | null; unit: 'pages' | 'rows' } }
  | { readonly pageFailed: number }
  | { readonly ended: 'done' | ReadingError['code'] };

const [kind = 'text', hint = 'none', charset = '', memoryMax = '0'] = process.argv.slice(2);

// The heap has a limit of its own; what lies outside of it (buffers, what was inflated) is watched from a thread that
// runs while this one is busy.
const watch = `
  const max = Number(process.argv[2]);
  setInterval(() => { if (process.memoryUsage.rss() > max) process.kill(process.pid, 'SIGKILL'); }, 10);
`;
new Worker(watch, { eval: true, argv: [memoryMax] }).unref();

const say = (said: Said) => {
  // At once and whole: what was read counts although the next page may be the last thing that happens here.
  const line = Buffer.from(`${JSON.stringify(said)}\n`);
  for (let at = 0; at < line.length; ) at += writeSome(line, at);
};

/** The other side reads as fast as it can; until then the pipe is full. */
function writeSome(line: Buffer, at: number): number {
  try {
    return writeSync(1, line, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

const report: Reporter = {
  part: (part) => say({ part }),
  title: (title) => say({ title: title.slice(0, 300) }),
  page: (page, of) => say({ progress: { done: page - 1, of, unit: 'pages' } }),
  rows: (done) => say({ progress: { done, of: null, unit: 'rows' } }),
  pageFailed: (page) => say({ pageFailed: page }),
};

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const bytes = Buffer.concat(chunks);
try {
  switch (kind as FileKind) {
    case 'pdf':
      await (await import('./pdf.ts')).readPdf(bytes, report);
      break;
    case 'docx':
      await (await import('./docx.ts')).readDocx(bytes, report);
      break;
    default:
      await (await import('./text.ts')).readText(bytes, hint as TextHint, charset, report);
  }
  say({ ended: 'done' });
} catch (error) {
  say({ ended: error instanceof ReadingError ? error.code : 'unreadable' });
}
process.exit(0);
