import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecret } from './secret.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (data = folder) => readSecret({ PARLEY_SECRET: undefined, PARLEY_DATA: data });
const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe('the secret of an installation', () => {
  it('is the one from the environment when there is one, and nothing is written', async () => {
    const secret = 'from the environment, long enough for anybody';
    expect(await readSecret({ PARLEY_SECRET: secret, PARLEY_DATA: folder })).toBe(secret);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is made once, in a folder that need not be there, readable by its owner only', async () => {
    const data = join(folder, 'new', 'data');
    const first = await read(data);
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(await read(data)).toBe(first);
    expect(await modeOf(join(data, 'secret'))).toBe('600');
    expect(await readdir(data)).toEqual(['secret']);
  });

  it('is closed to others again when somebody opened its file', async () => {
    const first = await read();
    await chmod(join(folder, 'secret'), 0o644);
    expect(await read()).toBe(first);
    expect(await modeOf(join(folder, 'secret'))).toBe('600');
  });

  it('is one, however many read it for the first time at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const data = join(folder, String(round));
      const secrets = await Promise.all(Array.from({ length: 8 }, () => read(data)));
      expect(new Set(secrets).size).toBe(1);
    }
  });

  it('is one for several processes that start together', async () => {
    const script = `import { readSecret } from ${JSON.stringify(new URL('./secret.ts', import.meta.url).href)};
      console.log(await readSecret({ PARLEY_SECRET: undefined, PARLEY_DATA: ${JSON.stringify(folder)} }));`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const outputs = await Promise.all([run(), run(), run()]);
    expect(new Set(outputs.map((output) => output.stdout)).size).toBe(1);
    expect(outputs[0]?.stdout.trim()).toBe(await read());
  });

  it('is never made anew over a damaged file, which would lose the content', async () => {
    await writeFile(join(folder, 'secret'), 'short\n');
    await expect(read()).rejects.toThrow('holds no secret');
  });
});
