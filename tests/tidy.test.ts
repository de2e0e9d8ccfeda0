import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layerOf, layersOf, mayImport, mayImportInWeb, serviceNames } from './tidy-layers.ts';

/** The architecture as a test: what STYLE.md and ARCHITECTURE.md say, checked over every file of the repository. */
const root = join(import.meta.dirname, '..');
const filesOf = (...patterns: string[]) =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && !path.includes('/gen/') && !path.includes('/generated/'))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }];
      } catch {
        // Deleted in the work tree, still in the index.
        return [];
      }
    });
const sources = filesOf('*.ts', '*.tsx');

const decisions = {
  pages: filesOf('docs/decisions/0*.md'),
  index: readFileSync(join(root, 'docs/decisions/README.md'), 'utf8'),
};

const inSource = ({ path }: { path: string }): boolean => path.includes('/src/');
const inWeb = sources.filter(({ path }) => path.startsWith('web/src/'));
const inService = sources.filter(({ path }) => /^services\/[^/]+\/src\//.test(path));

interface Rule {
  rule: string;
  files: { path: string; text: string }[];
  breaks: (file: { path: string; text: string }) => string[];
  /** A file that breaks it, planted: a rule that cannot fail is none. */
  violation: { path: string; text: string };
}

/** Migrations of before there were folders for functions. */
const olderThanFunctions = new Set([
  'packages/kit/migrations/0001_events.sql',
  'services/security/migrations/0003_audit.sql',
  ...['0001_ledger', '0004_reserve', '0005_verify', '0008_same_request', '0009_orders_checked', '0013_save_settlement']
    .concat('0014_waiting', '0015_verification', '0016_exact_rounding')
    .map((name) => `services/portfolio/migrations/${name}.sql`),
]);

/** What an amount is called in a name. */
const moneyWord = '(?:price|amount|qty|quantity|cash|balance|notional|fee|money)';

/** Each of these meant several things, or nothing that the field knows. */
const retiredNames = [
  'AckInbox',
  'Gate',
  'Neighbours',
  'Ladder',
  'heir',
  'inherit',
  'succeed',
  'createWatch',
  'giveWay',
]
  .concat(['Arrival', 'Draw', 'Taken', 'News', 'words', 'texts', 'word', 'letter'])
  .join('|');

const rules: Rule[] = [
  {
    rule: 'a page of a decision begins with its number, its day and what became of it, and is in the index',
    files: decisions.pages,
    breaks: ({ path, text }) => {
      const [, file = '', number = ''] = /decisions\/((\d{4})-.*\.md)$/.exec(path) ?? [];
      const others = decisions.pages.filter((page) => page.path !== path && page.path.includes(`/${number}-`));
      return [
        ...(new RegExp(`^# ${number}: .+\n\nDate: \\d{4}-\\d\\d-\\d\\d · Status: .+\n\n`).test(text)
          ? []
          : ['its first lines']),
        ...(decisions.index.includes(`](${file})`) ? [] : ['not in the index']),
        ...others.map((other) => `the same number as ${other.path}`),
      ];
    },
    violation: { path: 'docs/decisions/0099-so.md', text: '# 99. So\n\nBecause.\n' },
  },
  {
    rule: 'every file of a service lies in a layer of its table',
    files: inService,
    breaks: ({ path }) => {
      const layer = layerOf(path);
      return Object.hasOwn(layersOf[path.split('/')[1] ?? ''] ?? {}, layer) ? [] : [`unknown layer ${layer}`];
    },
    violation: { path: 'services/user/src/helpers/dates.ts', text: '' },
  },
  {
    rule: 'arrows point one way: main -> rpc, consumers -> app -> store, messages, ports -> domain',
    files: inService,
    breaks: ({ path, text }) =>
      relativeImports(path, text)
        .filter((target) => !mayImport(path.split('/')[1] ?? '', layerOf(path), layerOf(target)))
        .map((target) => `imports ${target}`),
    violation: { path: 'services/user/src/domain/profile.ts', text: "import { save } from '../store/profiles.ts';" },
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
    violation: { path: 'services/user/src/app/app.ts', text: "import { App } from '@andvari/auth/app';" },
  },
  {
    rule: 'domain/ is pure: no packages but money and what an address is, no clock, no randomness, no environment, no promises',
    files: inService.filter(({ path }) => path.includes('/src/domain/')),
    breaks: ({ text }) => [
      ...imports(text).filter((target) => !/^(\.|@andvari\/money|@andvari\/kit\/base\/address$)/.test(target)),
      ...matches(
        text,
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.|\bprocess\.|\bsetTimeout\(|\basync\b|\bawait\b/g,
      ),
    ],
    violation: { path: 'services/user/src/domain/profile.ts', text: 'const now = Date.now();' },
  },
  {
    rule: 'the environment is read in config.ts and by the process itself, nowhere else',
    // The servers are the developer's and the tests': they run where the environment is the configuration.
    files: sources.filter((file) => inSource(file) && /^(services|packages\/(?!servers))/.test(file.path)),
    breaks: ({ path, text }) =>
      /\/(config|main)\.ts$/.test(path) ||
      path.startsWith('packages/kit/src/testing/') ||
      path === 'packages/kit/src/observe/log.ts' ||
      path === 'packages/kit/src/process/scope.ts'
        ? []
        : matches(text, /process\.env\b/g),
    violation: { path: 'services/user/src/app/app.ts', text: 'const level = process.env.LEVEL;' },
  },
  {
    rule: 'only store/ speaks SQL',
    files: inService.filter(({ path }) => !path.includes('/src/store/')),
    breaks: ({ text }) => [
      ...imports(text).filter((target) => /^(postgres|drizzle-orm|@andvari\/kit\/db\/tables)\b/.test(target)),
      ...matches(text, /\b(?:tx|db|sql)(?:<[^`]*>)?`/g),
    ],
    violation: { path: 'services/user/src/app/app.ts', text: 'await tx`select 1`;' },
  },
  {
    rule: 'drizzle describes tables and builds queries; its drivers, which change the client they are given, stay out',
    files: sources.filter(inSource),
    breaks: ({ text }) => imports(text).filter((target) => /^drizzle-(?!orm$|orm\/pg-core$)/.test(target)),
    violation: {
      path: 'services/user/src/store/profiles.ts',
      text: "import { drizzle } from 'drizzle-orm/postgres-js';",
    },
  },
  {
    rule: 'a function of the database stands in functions/, as it is newest, and not in a migration',
    files: filesOf('**/migrations/*.sql').filter(({ path }) => !olderThanFunctions.has(path)),
    breaks: ({ text }) => text.match(/^create (?:or replace )?(?:function|procedure|aggregate)\b/gim) ?? [],
    violation: {
      path: 'services/user/migrations/0099_names.sql',
      text: 'create or replace function name() returns text',
    },
  },
  {
    rule: 'no float touches money: no parseFloat, no toFixed, no Number() of an amount that is then calculated with',
    files: sources.filter(inSource),
    breaks: ({ text }) => [
      ...matches(text, /\bparseFloat\(/g),
      ...matches(text, new RegExp(`\\b\\w*${moneyWord}\\w*\\.toFixed\\(`, 'gi')),
      ...matches(text, new RegExp(`\\bNumber\\([\\w.]*${moneyWord}\\w*\\)\\s*[*/+-]`, 'gi')),
    ],
    violation: { path: 'services/user/src/app/app.ts', text: 'const shown = Number(amount) / 1e6;' },
  },
  {
    rule: 'web: app -> features -> live, api, ui -> money, and no feature knows another',
    files: inWeb,
    breaks: ({ path, text }) => [
      ...relativeImports(path, text)
        .filter((target) => !mayImportInWeb(path, target))
        .map((target) => `imports ${target}`),
      ...imports(text).filter((target) => target.startsWith('@andvari/') && !target.startsWith('@andvari/money')),
    ],
    violation: {
      path: 'web/src/features/orders/page.tsx',
      text: "import { Chart } from '../instrument/chart.tsx';",
    },
  },
  {
    rule: 'web: an amount becomes a float for the width of a bar and in the chart, nowhere else',
    files: inWeb.filter(({ path }) => !/\/(chart|equity-curve)\.tsx$/.test(path) && path !== 'web/src/ui/number.ts'),
    breaks: ({ text }) =>
      matches(text, new RegExp(`\\b(?:Number|parseInt|parseFloat)\\([^)]*(?:${moneyWord}|equity|pnl)`, 'gi')),
    violation: { path: 'web/src/features/orders/page.tsx', text: 'const left = Number(order.limitPrice);' },
  },
  {
    rule: 'files are at most 500 lines',
    files: sources,
    breaks: ({ text }) => (text.split('\n').length > 501 ? [`${text.split('\n').length - 1} lines`] : []),
    violation: { path: 'services/user/src/app/app.ts', text: '\n'.repeat(502) },
  },
  {
    rule: 'file names are kebab-case and no file is an index',
    files: sources,
    breaks: ({ path }) => {
      const name = path.split('/').at(-1) ?? '';
      return /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|shared))?\.tsx?$/.test(name) && name !== 'index.ts' ? [] : [name];
    },
    violation: { path: 'services/user/src/app/userStore.ts', text: '' },
  },
  {
    rule: 'no default exports but where a tool asks for one',
    files: sources.filter(
      ({ path }) => !/(vite|vitest)\.config\.ts$|vitest\.shared\.ts$|testing\/global-setup\.ts$/.test(path),
    ),
    breaks: ({ text }) => matches(text, /^export default /gm),
    violation: { path: 'services/user/src/app/app.ts', text: 'export default 1;' },
  },
  {
    rule: 'no Manager, Helper, Util or Impl',
    files: sources,
    breaks: ({ text }) =>
      matches(text, /^(?:export )?(?:class|interface|type|const|function) \w*(?:Manager|Helper|Utils?|Impl)\b/gm),
    violation: { path: 'services/user/src/app/app.ts', text: 'export class OrderManager {}' },
  },
  {
    rule: 'one name, one meaning: a name that meant several things is not given again',
    files: sources.filter(({ path }) => /^(services|packages)\/[^/]+\/src\//.test(path)),
    breaks: ({ path, text }) => [
      ...matches(text, new RegExp(`\\b(?:function|class|interface|type) (?:${retiredNames})\\b`, 'g')),
      // In the domain it is the value; what throws or answers has the name of what it throws or answers.
      ...(/\/(domain|ports)\//.test(path) ? [] : matches(text, /\bfunction refused\b|\brefused = \(.*=>/g)),
    ],
    violation: { path: 'services/user/src/app/app.ts', text: 'function refused(reason: string): AppError {' },
  },
  {
    rule: 'every main is started alike: start(scope, config, overrides)',
    files: inService.filter(({ path }) => path.endsWith('/src/main.ts')),
    breaks: ({ text }) =>
      /^export async function start\(\n {2}scope: Scope,\n {2}config: Config,\n {2}overrides: Partial<Outside> = \{\},\n\)/m.test(
        text,
      )
        ? []
        : ['another start'],
    violation: { path: 'services/user/src/main.ts', text: 'export async function start(scope: Scope) {}' },
  },
  {
    rule: 'a test is called test, not it',
    files: sources.filter(({ path }) => /\.test\.tsx?$/.test(path)),
    breaks: ({ text }) => matches(text, /^\s*it(?:\.\w+)?\(/gm),
    violation: { path: 'services/user/test/user.test.ts', text: "it('is here', () => undefined);" },
  },
  {
    rule: 'a process that a test starts holds no pipe of the runner, and gets its port from ownPort()',
    files: sources.filter(({ path }) => /\/test\//.test(path)),
    breaks: ({ text }) => matches(text, /stdio: (?:'inherit'|\[.*'inherit')|_PORT\b.*\bfreePort\(/g),
    violation: { path: 'services/user/test/process.ts', text: "{ stdio: ['ignore', 'ignore', 'inherit'] }" },
  },
  {
    rule: 'tests wait with eventually(), never with a pause',
    files: sources.filter(({ path }) => /\.test\.tsx?$/.test(path) && path !== 'tests/tidy.test.ts'),
    breaks: ({ text }) => matches(text, /\bsleep\(|setTimeout\((?:resolve|r|done)\b|\bawait (?:pause|delay)\(\d{3}/g),
    violation: { path: 'services/user/test/user.test.ts', text: 'await pause(500);' },
  },
];

describe('tidy', () => {
  test.each(rules)('$rule', ({ files, breaks }) => {
    const found = files.flatMap((file) => breaks(file).map((what) => `${file.path}: ${what}`));
    expect(found).toEqual([]);
  });

  test.each(rules)('finds a planted violation: $rule', ({ breaks, violation }) => {
    expect(breaks(violation)).not.toEqual([]);
  });

  test('there is something to check', () => {
    expect(inService.length).toBeGreaterThan(10);
  });

  test('the linter finds a planted import cycle, of types alone too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'andvari-cycle-'));
    try {
      writeFileSync(join(folder, 'one.ts'), "import type { Two } from './two.ts';\nexport type One = Two | 1;\n");
      writeFileSync(join(folder, 'two.ts'), "import type { One } from './one.ts';\nexport type Two = One[];\n");
      const linter = join(root, 'node_modules/.bin/oxlint');
      const { stdout } = spawnSync(linter, ['-c', join(root, '.oxlintrc.json'), folder], { encoding: 'utf8' });
      expect(stdout).toContain('import(no-cycle)');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

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
