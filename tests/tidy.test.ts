import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The architecture as a test: what STYLE.md and ARCHITECTURE.md say, checked over every file of the repository. */
const root = join(import.meta.dirname, '..');
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !path.includes('/gen/'))
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(root, path), 'utf8') }];
    } catch {
      // Deleted in the work tree, still in the index.
      return [];
    }
  });

const inSource = ({ path }: { path: string }): boolean => path.includes('/src/');
const inService = sources.filter(({ path }) => /^services\/[^/]+\/src\//.test(path));

interface Rule {
  rule: string;
  files: { path: string; text: string }[];
  breaks: (file: { path: string; text: string }) => string[];
}

const rules: Rule[] = [
  {
    rule: 'arrows point one way: main -> rpc, events -> app -> store -> domain',
    files: inService,
    breaks: ({ path, text }) => {
      const from = layerOf(path);
      return relativeImports(path, text)
        .filter((target) => !mayImport(from, layerOf(target)))
        .map((target) => `imports ${target}`);
    },
  },
  {
    rule: 'no service imports another',
    files: inService,
    breaks: ({ path, text }) => {
      const own = path.split('/')[1];
      return imports(text).filter((target) =>
        serviceNames.some((name) => name !== own && target.startsWith(`@andvari/${name}`)),
      );
    },
  },
  {
    rule: 'domain/ is pure: no packages but money, no clock, no randomness, no environment, no promises',
    files: inService.filter(({ path }) => path.includes('/src/domain/')),
    breaks: ({ text }) => [
      ...imports(text).filter((target) => !target.startsWith('.') && !target.startsWith('@andvari/money')),
      ...matches(
        text,
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\bprocess\.|\bsetTimeout\(|\basync\b|\bawait\b/g,
      ),
    ],
  },
  {
    rule: 'the environment is read in config.ts and by the process itself, nowhere else',
    files: sources.filter((file) => inSource(file) && /^(services|packages)\//.test(file.path)),
    breaks: ({ path, text }) =>
      /\/(config|main)\.ts$/.test(path) ||
      path.startsWith('packages/kit/src/testing/') ||
      path === 'packages/kit/src/log.ts'
        ? []
        : matches(text, /process\.env\b/g),
  },
  {
    rule: 'only store/ speaks SQL',
    files: inService.filter(({ path }) => !path.includes('/src/store/')),
    breaks: ({ text }) => [
      ...imports(text).filter((target) => target === 'postgres'),
      ...matches(text, /\b(?:tx|db|sql)(?:<[^`]*>)?`/g),
    ],
  },
  {
    rule: 'no float touches money: no parseFloat, no toFixed; Number() of a price, amount or quantity only where it is proven safe',
    files: sources.filter(inSource),
    breaks: ({ text }) => matches(text, /\bparseFloat\(|\.toFixed\([^)]*\).*(?:price|amount|qty|cash)/gi),
  },
  {
    rule: 'files are at most 500 lines',
    files: sources,
    breaks: ({ text }) => (text.split('\n').length > 501 ? [`${text.split('\n').length - 1} lines`] : []),
  },
  {
    rule: 'file names are kebab-case and no file is an index',
    files: sources,
    breaks: ({ path }) => {
      const name = path.split('/').at(-1) ?? '';
      return /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|shared))?\.ts$/.test(name) && name !== 'index.ts' ? [] : [name];
    },
  },
  {
    rule: 'no default exports but where a tool asks for one',
    files: sources.filter(
      ({ path }) => !/vitest\.config\.ts$|vitest\.shared\.ts$|testing\/global-setup\.ts$/.test(path),
    ),
    breaks: ({ text }) => matches(text, /^export default /gm),
  },
  {
    rule: 'no Manager, Helper, Util or Impl',
    files: sources,
    breaks: ({ text }) =>
      matches(text, /^(?:export )?(?:class|interface|type|const|function) \w*(?:Manager|Helper|Utils?|Impl)\b/gm),
  },
  {
    rule: 'tests wait with eventually(), never with a pause',
    files: sources.filter(({ path }) => path.endsWith('.test.ts')),
    breaks: ({ path, text }) =>
      path === 'tests/tidy.test.ts' ? [] : matches(text, /\bsleep\(|setTimeout\((?:resolve|r|done)\b/g),
  },
];

describe('tidy', () => {
  test.each(rules)('$rule', ({ files, breaks }) => {
    const found = files.flatMap((file) => breaks(file).map((what) => `${file.path}: ${what}`));
    expect(found).toEqual([]);
  });

  test('there is something to check', () => {
    expect(inService.length).toBeGreaterThan(10);
  });
});

const serviceNames = ['gateway', 'auth', 'security', 'user', 'stock', 'order', 'engine', 'portfolio'];

/** Each layer with those it may import besides itself. The gateway has schema/ and http/ in the place of rpc/. */
const allowed: Record<string, readonly string[]> = {
  main: ['rpc', 'events', 'app', 'store', 'domain', 'config', 'metrics', 'other'],
  rpc: ['app', 'domain', 'config', 'metrics', 'other'],
  events: ['app', 'domain', 'config', 'metrics', 'other'],
  app: ['store', 'events', 'domain', 'config', 'metrics', 'other'],
  store: ['domain'],
  domain: [],
  config: ['domain'],
  // It reads what others hold, when Prometheus asks.
  metrics: ['domain', 'other'],
  other: ['app', 'store', 'events', 'domain', 'config', 'metrics'],
};

function layerOf(path: string): string {
  const parts = path.split('/').slice(3);
  const first = (parts.length > 1 ? parts[0] : parts[0]?.replace(/\.ts$/, '')) ?? '';
  return first in allowed ? first : 'other';
}

function mayImport(from: string, to: string): boolean {
  return from === to || (allowed[from]?.includes(to) ?? false);
}

function imports(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function relativeImports(path: string, text: string): string[] {
  return imports(text)
    .filter((target) => target.startsWith('.'))
    .map((target) => join(path, '..', target));
}

function matches(text: string, pattern: RegExp): string[] {
  return [...withoutComments(text).matchAll(pattern)].map((match) => match[0]);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
