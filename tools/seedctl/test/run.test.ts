import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Command, OK, type SystemCommand } from '../src/command.ts';
import { commands } from '../src/commands.ts';
import { jsonPrinter, textPrinter } from '../src/print.ts';
import { runSeedctl } from '../src/run.ts';
import { wholeNumber } from '../src/whole-number.ts';

let folder: string;
let ran: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'andvari-seedctl-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const harmless: SystemCommand = {
  name: 'look at',
  usage: 'THING',
  summary: 'Looks at it',
  words: { from: 1, to: 1 },
  async run(_, { positionals }) {
    ran.push(`look ${positionals[0]}`);
    return OK;
  },
};
const dangerous: SystemCommand = {
  ...harmless,
  name: 'throw away',
  changes: true,
  async run() {
    ran.push('thrown away');
    return OK;
  },
};

async function run(words: string[], given: readonly Command[] = [harmless, dangerous]) {
  ran = [];
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runSeedctl(given, words, { out: (line) => said.push(line), err: (line) => complained.push(line) });
  return { code, ran, said: said.join('\n'), complained: complained.join('\n') };
}

function systemOf(environment: string): string {
  const file = join(folder, `${environment}.json`);
  const places = { gateway: 'http://127.0.0.1:1', nats: 'nats://127.0.0.1:1', databases: {}, services: {}, keys: {} };
  writeFileSync(file, JSON.stringify({ environment, ...places }));
  return file;
}

describe('exit codes', () => {
  test.each<[what: string, words: string[], code: number]>([
    ['help', [], 0],
    ['help of one', ['look', 'at', '--help'], 0],
    ['help of those that begin alike', ['look', '--help'], 0],
    ['an unknown command', ['frobnicate'], 2],
    ['half a command', ['look'], 2],
    ['a word missing', ['look', 'at'], 2],
    ['a word too many', ['look', 'at', 'a', 'b'], 2],
    ['an unknown option', ['look', 'at', 'a', '--hard'], 2],
    ['a file that is not there', ['look', 'at', 'a', '--system', '/nowhere.json'], 1],
  ])('%s: %j', async (_, words, code) => {
    expect(await run(words)).toMatchObject({ code, ran: [] });
  });
});

test.each([
  ['a side that is none', ['orders', 'place', 'hold', '1', 'AAPL'], 'one buys or sells, and does not hold'],
  ['somebody who is not of the demo', ['orders', 'ls', '--user', 'eve@demo.example'], '--user is one of the demo: '],
])('%s is asked wrongly, and nobody is asked anything', async (_, words, complaint) => {
  const { code, complained } = await run([...words, '--system', systemOf('development')], commands);
  expect({ code, complained }).toEqual({ code: 2, complained: expect.stringContaining(complaint) });
});

test('a value that makes no sense is asked wrongly as well', async () => {
  const count: SystemCommand = {
    ...harmless,
    async run() {
      return wholeNumber('--last', 'x', { from: 1, to: 10 }) ?? OK;
    },
  };
  const { code, complained } = await run(['look', 'at', 'this', '--system', systemOf('staging')], [count]);
  expect({ code, complained }).toEqual({ code: 2, complained: '--last is a whole number from 1 to 10, and not x' });
});

test('a command is run in the system that a file names', async () => {
  expect(await run(['look', 'at', 'this', '--system', systemOf('staging')])).toMatchObject({
    code: 0,
    ran: ['look this'],
  });
});

test('a file that says too little is refused with the field that is missing', async () => {
  const file = join(folder, 'half.json');
  writeFileSync(file, JSON.stringify({ environment: 'staging', nats: 'nats://127.0.0.1' }));
  const { code, complained } = await run(['look', 'at', 'this', '--system', file]);
  expect(code).toBe(1);
  expect(complained).toContain('gateway');
});

describe('what changes something', () => {
  test.each<[environment: string, words: string[], code: number, ran: string[]]>([
    ['staging', [], 0, ['thrown away']],
    ['production', [], 1, []],
    ['production', ['--production'], 0, ['thrown away']],
  ])('in %s with %j', async (environment, words, code, expected) => {
    const asked = ['throw', 'away', 'it', '--system', systemOf(environment), ...words];
    expect(await run(asked)).toMatchObject({ code, ran: expected });
  });
});

test('every command that deletes, sends again or trades says that it changes something', () => {
  const changing = commands.filter((command) => 'changes' in command && command.changes).map(({ name }) => name);
  expect(changing).toEqual([
    'seed',
    'events replay',
    'streams restore',
    'reservations restore',
    'dead-letters requeue',
    'dead-letters drop',
    'orders place',
    'orders cancel',
  ]);
});

test('for people a table, for programs a JSON value a line', () => {
  const rows = [
    { symbol: 'AAPL', quantity: 12n },
    { symbol: 'A', quantity: 3n },
  ];
  const text: string[] = [];
  const json: string[] = [];
  textPrinter((line) => text.push(line)).rows(rows, 'none');
  textPrinter((line) => text.push(line)).rows([], 'none');
  jsonPrinter((line) => json.push(line)).rows(rows, 'none');
  expect(text).toEqual(['SYMBOL  QUANTITY', 'AAPL    12', 'A       3', 'none']);
  expect(json).toEqual(['{"symbol":"AAPL","quantity":"12"}', '{"symbol":"A","quantity":"3"}']);
});
