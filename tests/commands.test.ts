import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands as seedctlCommands } from '@andvari/seedctl/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atOnce, beside, first, notWalked, type Step } from './command-walk.ts';
import { commandsIn, documentedCommands, flagsOf, makeTargets, root, variablesOf } from './documented-commands.ts';

/**
 * Every target of the Makefile and every command on a page does what is said of it, for whoever types it first in a fresh
 * clone. Those that need an installation take half an hour together: ANDVARI_LONG=1.
 */
const documented = documentedCommands();
const targets = makeTargets();
const LONG = process.env['ANDVARI_LONG'] === '1';

/** Whoever has just cloned has no package of ours on the path, and none of our variables. */
const newcomer: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|NODE|VITEST|TURBO|ANDVARI_|POSTGRES|NATS|REDIS|INFRA)/.test(name),
    ),
  ),
  PATH: (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':'),
};

describe('what pages say', () => {
  const walked = { ...atOnce, ...first, ...beside };

  test('there is something to check', () => {
    expect(documented.length).toBeGreaterThan(40);
    expect(targets.size).toBeGreaterThan(20);
  });

  test('every command, and every target, is walked, or somebody says why not', () => {
    const keys = [...documented.map(({ key }) => key), ...[...targets.keys()].map((target) => `make ${target}`)]
      .concat(seedctlCommands.map(({ name }) => `seedctl ${name}`))
      .filter((key) => walked[key] === undefined && notWalked[key] === undefined);
    expect(keys).toEqual([]);
  });

  test('none that is walked, or excused, is gone', () => {
    const known = new Set([
      ...documented.map(({ key }) => key),
      ...[...targets.keys()].map((target) => `make ${target}`),
      ...seedctlCommands.map(({ name }) => `seedctl ${name}`),
      'make',
    ]);
    expect(Object.keys({ ...walked, ...notWalked }).filter((key) => !known.has(key))).toEqual([]);
  });

  const ofMake = documented.filter(({ command }) => command.startsWith('make '));
  test.each(ofMake)('$at: $command is a target, and knows its variables', ({ command }) => {
    const help = targets.get(command.split(' ')[1] ?? '');
    expect(help).toBeDefined();
    expect(variablesOf(command).filter((name) => !help?.includes(`${name}=`))).toEqual([]);
  });

  const flagged = documented.filter(({ command }) => /^(npm|seedctl)/.test(command) && flagsOf(command).length > 1);
  test.each(flagged)('$at: $command has the options that there are', ({ command, key }) => {
    const told = helpOf(key);
    expect(flagsOf(command).filter((flag) => flag !== 'silent' && !told.includes(`--${flag}`))).toEqual([]);
  });

  const page = readFileSync(join(root, 'docs/operations/seedctl.md'), 'utf8');
  test.each(seedctlCommands)('the page of seedctl knows $name', ({ name }) => {
    const [group = '', own] = name.split(' ');
    const lines = page.split('\n').filter((row) => row.startsWith('|') && row.includes(`\`${group}`));
    expect(lines.some((line) => own === undefined || line.includes(own))).toBe(true);
  });

  test('the page of seedctl has no option that there is not', () => {
    const ofAll = ['silent', 'json', 'system', 'help', 'production'];
    const known = new Set([...ofAll, ...seedctlCommands.flatMap(({ options = {} }) => Object.keys(options))]);
    expect(flagsOf(page).filter((flag) => !known.has(flag))).toEqual([]);
  });

  test('every variable that our own tools read is on a page, or in the help', () => {
    const texts = [
      ...globSync(['*.md', 'docs/**/*.md', 'infra/**/*.md'], { cwd: root }),
      'Makefile',
      'infra/local/src/up.ts',
    ];
    const told = texts.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const files = globSync(
      ['infra/*/src/**/*.ts', 'tools/*/src/**/*.ts', 'tests/**/*.ts', 'web/*.ts', 'web/e2e/*.ts'],
      {
        cwd: root,
        exclude: ['**/node_modules/**', '**/*.test.ts'],
      },
    );
    const read = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/process\.env(?:\.|\[')([A-Z_0-9]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    // And of what runs the tests.
    const ofTheMachine = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'NO_COLOR'];
    // Told by one process of ours to another.
    const internal = ['SINGLE_ROOT', 'SINGLE_SERVICES', 'CLOCK_FILE'];
    const missing = [...new Set(read)].filter((name) => ![...ofTheMachine, ...internal].includes(name));
    expect(missing.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))).toEqual([]);
  });

  test.each([
    { what: 'a target that is not there', text: '`make nonsense`', key: 'make nonsense' },
    {
      what: 'a script in a block',
      text: '```sh\n$ npm run --silent bench -- kit --fast   # so\n```',
      key: 'npm run bench',
    },
    { what: 'a command of seedctl', text: '`seedctl dead-letters burn ID`', key: 'seedctl dead-letters burn' },
  ])('$what is seen', ({ text, key }) => {
    expect(commandsIn('page.md', text).map((found) => found.key)).toEqual([key]);
  });
});

describe('in a fresh clone where nothing was installed', () => {
  let clone: string;
  beforeAll(() => void (clone = cloned()));
  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  test.each(Object.values(atOnce))('$run', async (step) => {
    await expectStep(clone, step);
  });

  test('make status while another installs', () => {
    mkdirSync(join(clone, 'node_modules'));
    const said = execFileSync('make', ['status'], { cwd: clone, env: newcomer, encoding: 'utf8' });
    expect(said).toBe('Nothing is installed here, so nothing runs.\n');
  });
});

describe('with nothing installed', () => {
  /** What makes itself do without, or says so. */
  const idle = new Set(Object.keys(atOnce));

  test.each([...targets.keys()].filter((target) => !idle.has(`make ${target}`)))('make %s installs first', (target) => {
    const plan = execFileSync('make', ['--dry-run', target], { cwd: root, env: newcomer, encoding: 'utf8' });
    expect(plan).toContain('npm ci');
  });

  test.each(documented.filter(({ key }) => /^(?:npm run|seedctl) (?!npm)./.test(key)))(
    '$at: $command installs first',
    (one) => {
      const [, script = ''] = /^(?:npm run )?(\S+)/.exec(one.key) ?? [];
      const [, workspace] = /-w @andvari\/(\S+)/.exec(one.command) ?? [];
      const folders = globSync(['{packages,services,tools,infra}/*', 'web', 'deploy'], { cwd: root });
      const folder = workspace === undefined ? '' : (folders.find((path) => path.endsWith(workspace)) ?? '');
      const { scripts } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      expect(scripts[`pre${script}`]).toMatch(/^npm run --silent (?:--prefix \S+ )?ready$/);
    },
  );
});

describe.runIf(LONG)('first in a fresh clone', () => {
  let installed: string;
  beforeAll(async () => {
    installed = cloned();
    await expectStep(installed, { run: 'make install', says: /Installing packages/ });
  }, 1_800_000);
  afterAll(() => rmSync(installed, { recursive: true, force: true }), 300_000);

  // Four in a clone where nothing at all is; the others where only the packages are, and nothing was generated or built.
  const bare = new Set(['make up', 'make lint', 'make bench', 'seedctl verify']);

  test.each(Object.entries(first))('%s', { timeout: 1_800_000 }, async (key, step) => {
    const clone = bare.has(key) ? cloned() : cleaned(installed);
    try {
      await expectStep(clone, step);
      expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('');
    } finally {
      if (clone !== installed) rmSync(clone, { recursive: true, force: true });
    }
  });
});

describe.runIf(LONG)('beside a system that runs', () => {
  let clone: string;
  let url = '';
  beforeAll(async () => {
    clone = cloned();
    const said = await expectStep(clone, { run: 'make up DETACH=1 PORTS=free', says: /It runs in the background/ });
    url = /the app +(http:\S+?)\/$/m.exec(said)?.[1] ?? '';
  }, 1_800_000);
  afterAll(() => {
    spawnSync('make', ['reset', 'YES=1'], { cwd: clone, env: newcomer });
    rmSync(clone, { recursive: true, force: true });
  });

  test.each(Object.entries(beside))('%s', { timeout: 600_000 }, async (_, step) => {
    await expectStep(clone, { ...step, run: step.run.replace('$URL', url) });
  });
});

function cloned(): string {
  const clone = mkdtempSync(join(tmpdir(), 'andvari-clone-'));
  execFileSync('git', ['clone', '--quiet', root, clone], { env: newcomer });
  return clone;
}

/** As it was after the installation. */
function cleaned(clone: string): string {
  execFileSync('git', ['reset', '--quiet', '--hard'], { cwd: clone });
  execFileSync('git', ['clean', '-xdfq', '--exclude=node_modules'], { cwd: clone });
  rmSync(join(clone, 'node_modules/.cache'), { recursive: true, force: true });
  return clone;
}

/** Runs it to its end, or until it has said what it must say and is stopped; what it said. */
async function expectStep(cwd: string, { run, says, code = 0, untilStopped }: Step): Promise<string> {
  // A group of its own, as in a terminal: Ctrl-C reaches whatever it started.
  const child = spawn('sh', ['-c', run], { cwd, env: newcomer, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let stopped = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (untilStopped !== true || stopped || !says.test(said)) return;
      stopped = true;
      interrupt(child);
    });
  }
  const ended = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(said).toMatch(says);
  // What a shell and make say of a program that was interrupted differs; that it ends is what counts.
  if (untilStopped !== true) expect({ run, ended, said }).toMatchObject({ run, ended: code });
  return said;
}

function interrupt({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGINT');
}

/** What a command says of itself, with what a page may add before it: one help for each command. */
function helpOf(key: string): string {
  const words = key.replace(/^npm run /, '').split(' ');
  const run = spawnSync('npm', ['run', '--silent', words[0] ?? '', '--', ...words.slice(1), '--help'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.status).toBe(0);
  return run.stdout;
}
