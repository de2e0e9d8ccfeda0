import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { brotli } from './build/brotli.ts';
import { budgets } from './build/budgets.ts';
import { inlineDocuments } from './build/inline-documents.ts';
import { persistedOperations } from './build/persisted-operations.ts';

const gateway = process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:8080';
const toGateway = { target: gateway, changeOrigin: false };
const proxy = { '/graphql': toGateway, '/auth': toGateway, '/statements': toGateway };

export default defineConfig({
  plugins: [
    inlineDocuments(),
    persistedOperations(),
    react(),
    brotli(),
    budgets({ initial: 130, styles: 10, chart: 60, page: 25 }),
  ],
  server: { host: '127.0.0.1', port: 5173, proxy },
  preview: { host: '127.0.0.1', port: 4173, proxy },
  build: {
    target: 'es2024',
    // Inlined fonts and pictures would be data: URLs, which the page's policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'chart-library', test: /lightweight-charts|fancy-canvas/ },
            // What the first script shares with later ones, in one piece: many small ones compress worse.
            {
              name: 'common',
              test: /web\/src\/(?:api\/(?:session|confirmation|connection)|ui\/number)\.ts$|packages\/money\//,
            },
            { name: 'base', test: /node_modules\/(?:react|react-dom|scheduler|wonka|urql|@urql|@0no-co|@tanstack)\// },
          ],
        },
      },
    },
  },
});
