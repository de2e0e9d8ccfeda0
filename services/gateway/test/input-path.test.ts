import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppError, invalid, isAppError } from '@andvari/kit/base/errors';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { array, assert, property, stringMatching } from 'fast-check';
import { isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createPublicError, wordsFor } from '../src/graphql/public-error.ts';
import { inputPath } from '../src/schema/input-path.ts';
import { asNamedIn, nameIn, operationInputs } from '../src/schema/operation-inputs.ts';
import { InvalidInput } from '../src/schema/refusals.ts';
import { buildSchema } from '../src/schema/schema.ts';

const services = join(import.meta.dirname, '../..');
const names = argumentsOf();
/** Of the bodies that /auth takes, which are no part of the schema. */
const ofRoutes = new Set(['email', 'password', 'token']);
/** Of what is imported: only an operator's tool asks for that, and not by way of the gateway. */
const ofImports = new Set(['accounts', 'marks', 'orders', 'profiles', 'users']);

const servicesAsked = ['auth', 'user', 'security', 'stock', 'order', 'portfolio', 'engine'];
/** Of what services ask one another: that a dry run is for a replacement, no client has to know. */
const ofServices = new Set(['dry_run']);

/** Every field that a service names in a refusal that a client can meet: what consumers refuse, nobody is told. */
const refused = servicesAsked.flatMap((service) =>
  filesIn(join(services, service, 'src'))
    .filter((file) => !file.includes('/consumers/'))
    .flatMap((file) => fieldsIn(readFileSync(file, 'utf8')).map((field) => ({ service, field }))),
);
const fields = [...new Set(refused.map(({ field }) => field))]
  .filter((field) => !ofImports.has(field) && !ofServices.has(field))
  .toSorted();

test('there are refusals of every service to look at', () => {
  expect(new Set(refused.map(({ service }) => service)).size).toBe(7);
  expect(fields.length).toBeGreaterThan(60);
});

describe('a refused input is called as its caller knows it', () => {
  test.each(fields)('%s', (field) => {
    const paths = [{}, ...Object.values(operationInputs)].map((of) => inputPath(nameIn(of, field)));
    const called = paths.filter((path) => path === '' || isCalled(path.split('.').at(-1) ?? ''));
    expect(called, paths[0]).not.toEqual([]);
  });

  test.each<[contract: string, schema: string]>([
    ['from_us', 'from'],
    ['expires_at_us', 'expiresAt'],
    ['order.time_in_force', 'order.timeInForce'],
    ['order.limit_px', 'order.limitPrice'],
    ['legs[1].trail_qty', 'legs[1].trailQuantity'],
    ['page.first', 'first'],
    ['', ''],
  ])('%s is %s', (contract, schema) => expect(inputPath(contract)).toBe(schema));

  test('whatever a service says, there is no name of a contract in it, and saying it twice changes nothing', () => {
    const word = stringMatching(/^[a-z]{1,8}$/);
    const name = array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('_'));
    const path = array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    assert(
      property(path, (field) => {
        expect(inputPath(field)).not.toMatch(/_|(?:^|\.)qty(?:\.|$)/);
        expect(inputPath(inputPath(field))).toBe(inputPath(field));
      }),
    );
  });
});

test('errors of a response, of a route and refusals as values all say it the same way', () => {
  const { log } = capturedLog('silent');
  const refusal = invalid('from_us', 'should be before the end');
  const message = 'from: should be before the end';
  const shown = createPublicError(log)(refusal);
  expect(shown).toMatchObject({ message, extensions: { code: 'INVALID_ARGUMENT', field: 'from' } });
  expect(wordsFor(refusal, log)).toMatchObject({ message, extensions: { field: 'from' } });
  expect(new InvalidInput(refusal)).toMatchObject({ message, field: 'from' });
});

describe('what one operation calls otherwise is renamed there alone', () => {
  test.each<[operation: keyof typeof operationInputs, contract: string, schema: string]>([
    ['applyCorporateAction', 'action.ratio_to', 'ratioTo'],
    ['applyCorporateAction', 'action', ''],
    ['activities', 'symbol', 'filter.symbol'],
    ['auditLog', 'to_us', 'filter.to'],
    ['book', 'depth', 'levels'],
    ['executions', 'order_id', 'filter.orderId'],
    ['orders', 'from_us', 'filter.from'],
    ['fxRate', 'base', 'from'],
    ['fxRate', 'quotes[0]', 'to'],
    ['instruments', 'currency', 'filter.currency'],
    ['instruments', 'page.first', 'first'],
    ['setFeeSchedule', 'schedule.effective_from_us', 'effectiveFrom'],
    ['upsertInstrument', 'instrument.max_qty', 'maxQuantity'],
    ['users', 'text', 'search'],
  ])('%s: %s is %s', async (operation, contract, schema) => {
    const error = await asNamedIn(operation, Promise.reject(invalid(contract, 'is wrong', 'wrong'))).catch(
      (thrown: unknown) => thrown,
    );
    assertApp(error);
    const message = schema === '' ? 'is wrong' : `${schema}: is wrong`;
    expect(new InvalidInput(error)).toMatchObject({ field: schema, message, code: 'wrong' });
    if (!contract.startsWith('page.')) expect(inputPath(contract)).not.toBe(schema);
  });
});

test('no service says a name of its contract in words', () => {
  const said = servicesAsked.flatMap((service) =>
    filesIn(join(services, service, 'src')).flatMap((file) => messagesIn(readFileSync(file, 'utf8'))),
  );
  expect(said.length).toBeGreaterThan(100);
  expect(said.filter((message) => /[a-z]_[a-z]/.test(message))).toEqual([]);
});

function assertApp(error: unknown): asserts error is AppError {
  if (!isAppError(error)) throw error;
}

function isCalled(last: string): boolean {
  return names.has(last) || ofRoutes.has(last);
}

function messagesIn(source: string): string[] {
  const found = source.matchAll(/\binvalid\(\s*[^,]+,\s*['`]([^'`]+)['`]|\bmessage: ['`]([^'`]+)['`]/g);
  return [...found].map(([, called, told]) => called ?? told ?? '').map((text) => text.replaceAll(/\$\{[^}]*\}/g, ''));
}

function argumentsOf(): ReadonlySet<string> {
  const types = Object.values(buildSchema().getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  return new Set(
    types.flatMap((type) => {
      if (isInputObjectType(type)) return Object.keys(type.getFields());
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      return Object.values(type.getFields()).flatMap(({ args }) => args.map(({ name }) => name));
    }),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function fieldsIn(source: string): string[] {
  const found = source.matchAll(/(?:invalid|\w+From|require\w*)\(\s*'([a-z_.]+)'|\bfield: '([a-z_.]+)'/g);
  return [...found].map(([, called, named]) => called ?? named ?? '');
}
