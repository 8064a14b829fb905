// The command line, `npm run parley -- …`: reads .env and runs the program.
import { enableCompileCache } from 'node:module';

// Most of the time that a command takes is the compiling of what it imports.
enableCompileCache();
try {
  process.loadEnvFile('.env');
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
const { runProgram } = await import('./program.ts');
await runProgram(process.argv);
