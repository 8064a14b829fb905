// Finds the Chromium that browser tests run in: the one that is installed, never one that is downloaded.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// The one without windows first: it takes less than half of the processor's time.
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'msedge',
];
const EXTENSIONS = process.platform === 'win32' ? ['.exe', ''] : [''];
const FIXED_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The browser's path, or null. `CHROMIUM_PATH` wins over everything else.
 * @throws when `CHROMIUM_PATH` names no executable
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const chosen = environment.CHROMIUM_PATH;
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH is ${chosen}, which cannot be executed`);
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = NAMES.flatMap((name) =>
    folders.flatMap((folder) => EXTENSIONS.map((extension) => join(folder, name + extension))),
  );
  return [...candidates, ...FIXED_PLACES].find(isExecutable) ?? null;
}
