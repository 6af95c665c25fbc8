import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/docs/write-pages.ts'] } });
