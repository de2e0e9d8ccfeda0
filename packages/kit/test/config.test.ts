import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  ConfigError,
  commonVariables,
  isProduction,
  readVariables,
  rpcVariables,
  Secret,
  variable,
} from '../src/base/config.ts';
import { capturedLog } from '../src/testing/captured-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'andvari-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, z.ZodType, string | undefined, unknown]>([
  ['a port', variable.port(), '8083', 8083],
  ['a port may be 0', variable.port(), '0', 0],
  ['a port too high', variable.port(), '65536', 'should be a port number from 0 to 65535'],
  ['a port with a sign', variable.port(), '-1', 'should be a port number from 0 to 65535'],
  ['a number with a tail', variable.wholeNumber(1, 9), '5s', 'should be a whole number from 1 to 9'],
  ['a fraction', variable.wholeNumber(1, 9), '1.5', 'should be a whole number from 1 to 9'],
  ['a number below the least', variable.wholeNumber(1, 9), '0', 'should be a whole number from 1 to 9'],
  ['a number that is missing', variable.wholeNumber(1, 9), undefined, 'missing; should be a whole number from 1 to 9'],
  ['milliseconds', variable.milliseconds(), '250', 250],
  ['a word of a list', variable.oneOf(['a', 'b']), 'b', 'b'],
  ['a word of another list', variable.oneOf(['a', 'b']), 'c', 'should be one of a, b'],
  ['a flag', variable.flag(), 'false', false],
  ['a flag in other words', variable.flag(), 'yes', 'should be true or false'],
  ['an address', variable.address(), 'user:8083', 'user:8083'],
  ['several addresses', variable.address(), '10.0.0.1:1,10.0.0.2:2', '10.0.0.1:1,10.0.0.2:2'],
  ['an address without a port', variable.address(), 'user', 'should be host:port, or several with commas between'],
  ['an empty text is a missing one', variable.text('a folder'), '', 'missing; should be a folder'],
  ['an optional one that is empty', variable.text().optional(), '', undefined],
  ['a default', variable.port().default(9), undefined, 9],
  ['a default does not excuse a mistake', variable.port().default(9), 'x', 'should be a port number from 0 to 65535'],
  ['a ratio', commonVariables.TRACE_SAMPLE_RATIO, '0.5', 0.5],
  ['a ratio above one', commonVariables.TRACE_SAMPLE_RATIO, '2', 'should be a ratio from 0 to 1'],
  ['a ratio that is none', commonVariables.TRACE_SAMPLE_RATIO, 'half', 'should be a ratio from 0 to 1'],
  ['no URL', commonVariables.OTEL_EXPORTER_OTLP_ENDPOINT, 'nowhere', 'should be a URL'],
])('%s', (_, type, value, expected) => {
  expect(outcome({ X: type }, { X: value })).toEqual(expected);
});

test.each([
  ['an address', '0.0.0.0', true],
  ['one of the sixth version', '::1', true],
  ['a name', 'localhost', true],
  ['a long name', 'node-7.example.org', true],
  ['an address with a port', '0.0.0.0:8080', false],
  ['numbers that are no address', '999.0.0.1', false],
  ['a URL', 'http://localhost', false],
  ['two', '127.0.0.1,10.0.0.1', false],
])('a host is an address or a name: %s', (_, value, isOne) => {
  expect(outcome({ X: variable.host() }, { X: value })).toBe(isOne ? value : 'should be an address like 0.0.0.0');
});

test('a file and a folder are looked at, and what is wrong is said', () => {
  const index = join(folder, 'index.html');
  const ofFile = { X: variable.file('a recording') };
  const ofFolder = { X: variable.folderWith('index.html') };
  expect(outcome(ofFile, { X: index })).toMatch(/^should be a recording; ENOENT.*index\.html/);
  expect(outcome(ofFile, { X: folder })).toBe(`should be a recording; ${folder} is no file`);
  expect(outcome(ofFolder, { X: folder })).toMatch(/^should be a folder with index\.html; ENOENT.*index\.html/);
  expect(outcome(ofFile, {})).toBe('missing; should be a recording');
  writeFileSync(index, '');
  expect(outcome(ofFile, { X: index })).toBe(index);
  expect(outcome(ofFolder, { X: folder })).toBe(folder);
});

test('who says nothing is in production, and is reached by nobody else', () => {
  for (const env of [{}, { ENVIRONMENT: '' }]) {
    expect(readVariables(commonVariables, env)).toMatchObject({ ENVIRONMENT: 'production', LISTEN_HOST: '127.0.0.1' });
    expect(isProduction(env)).toBe(true);
  }
  expect(isProduction({ ENVIRONMENT: 'development' })).toBe(false);
});

test('every mistake is named in one message, with what it should be and never with what it was', () => {
  const env = {
    GRPC_PORT: 'hunter2',
    CALLER_KEY: 'hunter2',
    POSTGRES_URL: 'mysql://hunter2@db',
    TLS_DIR_FILE: '/nowhere',
  };
  const shape = { ...rpcVariables(8083, env), POSTGRES_URL: variable.secretUrl('postgres', 'postgresql') };
  const error = mistakes(shape, env);
  expect(error.problems).toEqual([
    '  GRPC_PORT: should be a port number from 0 to 65535',
    '  CALLER_KEY: should be a secret of at least 32 characters',
    expect.stringMatching(/^ {2}TLS_DIR: TLS_DIR_FILE cannot be read: ENOENT/),
    '  POSTGRES_URL: should be a URL like postgres://user:password@host:port',
  ]);
  for (const problem of error.problems) expect(error.message).toContain(problem);
  expect(error.message).not.toContain('hunter2');
});

const ofTwo = `order=${'k'.repeat(43)}`;
test.each<[string, NodeJS.ProcessEnv, string[]]>([
  ['neither', {}, ['CALLER_KEY']],
  ['one key of all', { CALLER_KEY: 'k'.repeat(32) }, []],
  ['keys of those that call', { CALLERS: ofTwo }, []],
  ['keys of those that are called', { CALLEES: ofTwo }, []],
  ['keys in a file', { CALLERS_FILE: file(ofTwo) }, []],
  ['a key that is too short', { CALLERS: 'order=short' }, ['CALLERS']],
  ['a key of nobody', { CALLEES: 'k'.repeat(43) }, ['CALLEES']],
])('who calls whom is known by a key of all or by keys of two: %s', (_, env, wrong) => {
  const problems = wrong.length === 0 ? [] : mistakes(rpcVariables(0, env), env).problems;
  expect(problems.map((problem) => problem.trim().split(':')[0])).toEqual(wrong);
  if (wrong.length === 0) expect(() => readVariables(rpcVariables(0, env), env)).not.toThrow();
});

test.each<[string, NodeJS.ProcessEnv, unknown]>([
  ['a file’s content, without the line break at its end', { X_FILE: file('from-file\n') }, 'from-file'],
  ['both a value and a file', { X: 'a', X_FILE: file('b') }, 'given twice, as X and as X_FILE'],
  ['an empty value beside a file', { X: '', X_FILE: file('b') }, 'b'],
  ['an empty file', { X_FILE: file('\n') }, 'should be text'],
])('*_FILE: %s', (_, env, expected) => {
  expect(outcome({ X: variable.text() }, env)).toEqual(expected);
});

const secret = new Secret('hunter2');
test.each<[string, () => string]>([
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['inspect', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
  ['a template', () => `url: ${String(secret)}`],
  ['string concatenation', () => ['url: ', secret].join('')],
  ['spreading', () => JSON.stringify(Object.assign({}, secret))],
  ['an error’s properties', () => inspect(Object.assign(new Error('wrong'), { secret }))],
  [
    'the log',
    () => {
      const { log, text } = capturedLog();
      log.info(
        { event: 'connecting', config: { url: secret }, secretly: secret, list: [secret] },
        `connecting to ${String(secret)}`,
      );
      return text();
    },
  ],
])('a secret never prints through %s', (_, print) => {
  expect(print()).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});

function outcome(shape: { X: z.ZodType }, env: NodeJS.ProcessEnv): unknown {
  try {
    return readVariables(shape, env).X;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n').replace('  X: ', '');
    throw error;
  }
}

function mistakes(shape: z.ZodRawShape, env: NodeJS.ProcessEnv): ConfigError {
  try {
    readVariables(shape, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the configuration was accepted');
}

function file(content: string): string {
  const path = join(folder, String(performance.now()));
  writeFileSync(path, content);
  return path;
}
