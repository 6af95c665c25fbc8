import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/guards/pages/write-pages.ts'] } });
