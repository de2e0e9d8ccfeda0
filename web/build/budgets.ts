import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** In KB after gzip. What a page costs is decided here and not noticed later. */
export interface Budgets {
  initial: number;
  styles: number;
  chart: number;
  page: number;
}

interface Part {
  name: string;
  kb: number;
  limit: number;
}

export function budgets(limits: Budgets): Plugin {
  return {
    name: 'budgets',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const reached = new Set<string>();
      const visit = (fileName: string): void => {
        if (reached.has(fileName)) return;
        reached.add(fileName);
        for (const next of byName.get(fileName)?.imports ?? []) visit(next);
      };
      for (const chunk of chunks) if (chunk.isEntry) visit(chunk.fileName);

      const initial = [...reached].reduce((sum, name) => sum + kbOf(byName.get(name)?.code ?? ''), 0);
      const styles = Object.values(bundle)
        .filter(
          (file) => file.type === 'asset' && chunks.some((chunk) => chunk.isEntry && cssOf(chunk).has(file.fileName)),
        )
        .reduce((sum, file) => sum + kbOf(file.type === 'asset' ? file.source : ''), 0);
      const parts: Part[] = [
        { name: 'initial script', kb: initial, limit: limits.initial },
        { name: 'styles', kb: styles, limit: limits.styles },
        ...chunks
          .filter(({ fileName }) => !reached.has(fileName))
          .map((chunk) => ({
            name: chunk.name,
            kb: kbOf(chunk.code),
            limit: /chart/.test(chunk.name) ? limits.chart : limits.page,
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

function cssOf(chunk: object): ReadonlySet<string> {
  return (chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? new Set();
}

function kbOf(source: string | Uint8Array): number {
  return gzipSync(source, { level: 9 }).length / 1024;
}
