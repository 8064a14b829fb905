// The command line, `npm run parley -- …`: reads .env and runs the program.
import { prepareLoading } from '../core/loading.ts';

prepareLoading();
try {
  process.loadEnvFile('.env');
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
const { runProgram } = await import('./program.ts');
await runProgram(process.argv);
