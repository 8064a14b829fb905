import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { globalSetup: ['server/test/global-setup.ts'], testTimeout: 30000, hookTimeout: 60000, pool: 'forks', maxWorkers: 2, include: ['**/*.test.ts'] } });
