import { join } from 'node:path';
import type { Plugin } from 'vite';
import { initialSizesOf, laterSizesOf, sumOf } from './sizes.ts';

/** In KB after gzip. What a page costs is decided here and not noticed later. */
export interface Budgets {
  initial: number;
  styles: number;
  chart: number;
  page: number;
}

export function budgets(limits: Budgets): Plugin {
  let folder = '';
  return {
    name: 'budgets',
    apply: 'build',
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle() {
      const { scripts, styles } = initialSizesOf(folder);
      const parts = [
        { name: 'initial script', kb: sumOf(scripts), limit: limits.initial },
        { name: 'styles', kb: sumOf(styles), limit: limits.styles },
        ...laterSizesOf(folder).map(({ name, kb }) => ({
          name,
          kb,
          limit: /chart/.test(name) ? limits.chart : limits.page,
        })),
      ];
      const over = parts.filter(({ kb, limit }) => kb > limit);
      this.info(parts.map(({ name, kb, limit }) => `${name} ${kb.toFixed(1)}/${limit}`).join(', '));
      if (over.length > 0) {
        this.error(
          `over budget: ${over.map(({ name, kb, limit }) => `${name} ${kb.toFixed(1)} KB of ${limit}`).join(', ')}`,
        );
      }
    },
  };
}
