// Runs once before the browser's tests: what the server gives the browser is what the sources say.
import { fileURLToPath } from 'node:url';
import { buildWeb } from '../../../scripts/build-web.mjs';

export default function setup(): void {
  if (buildWeb(fileURLToPath(new URL('../../..', import.meta.url))) !== 0) {
    throw new Error('the web app could not be built');
  }
}
