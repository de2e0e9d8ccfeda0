import { AppError, invalid } from '@andvari/kit/base/errors';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { deadLetter } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What the ledger could not apply, as operators see it and decide on it. */
let rig: GatewayRig;
let token: string;
const ADMIN = userIdOf('admin');
const ID = userIdOf('another dead letter');
const GLOBAL_ID = Buffer.from(`DeadLetter:${ID}`).toString('base64');
let answers: GatewayRig['portfolio']['answers'];
beforeAll(async () => {
  rig = await gatewayRig();
  rig.permissions.set(ADMIN, adminPermissions);
  token = await rig.tokens.sign({ sub: ADMIN });
  answers = { ...rig.portfolio.answers };
});
afterEach(() => void Object.assign(rig.portfolio.answers, answers));
afterAll(() => rig.close());

const arrived = (method: string): unknown => rig.portfolio.callsOf(method).at(-1)?.request;

const listed = (args: string) =>
  rig.ask({
    query: `{ deadLetters${args} {
      nodes { consumer subject eventId error failedAt deliveries attempts isRequeued }
      pageInfo { hasNextPage endCursor }
    } }`,
    token,
  });

describe('deadLetters', () => {
  test('says what each is and why', async () => {
    const { data, errors } = await listed('');
    expect(errors).toEqual([]);
    const { consumer, subject, eventId, error, deliveries, attempts } = deadLetter;
    expect(data).toMatchObject({
      deadLetters: {
        nodes: [{ consumer, subject, eventId, error, deliveries, attempts, isRequeued: false }],
        pageInfo: { hasNextPage: false },
      },
    });
    expect(arrived('listDeadLetters')).toMatchObject({ consumer: '', page: { first: 20, after: '' } });
  });

  test('goes on behind the page before, of one consumer where it is said', async () => {
    rig.portfolio.answers['listDeadLetters'] = () => ({
      letters: [deadLetter],
      pageInfo: { endCursor: 'behind it', hasNextPage: true },
    });
    const { data } = await listed('(first: 1)');
    expect(data).toMatchObject({ deadLetters: { pageInfo: { hasNextPage: true, endCursor: 'behind it' } } });
    await listed('(first: 1, after: "behind it", consumer: "portfolio-executions")');
    expect(arrived('listDeadLetters')).toMatchObject({
      consumer: 'portfolio-executions',
      page: { first: 1, after: 'behind it' },
    });
  });

  test('is a hundred at the most', async () => {
    const before = rig.portfolio.callsOf('listDeadLetters').length;
    const { errors } = await listed('(first: 101)');
    expect(errors[0]).toMatchObject({ extensions: { field: 'first' } });
    expect(rig.portfolio.callsOf('listDeadLetters')).toHaveLength(before);
  });
});

describe.each([
  ['requeueDeadLetters', '', '... on RequeuedDeadLetters { deadLetters { id isRequeued } }'],
  ['dropDeadLetters', ', reason: "of a test"', '... on DroppedDeadLetters { deletedIds }'],
])('%s', (operation, more, done) => {
  const ask = (given: string[]) =>
    rig.ask({
      query: `mutation($ids: [ID!]!) { it: ${operation}(input: { ids: $ids${more} }) {
        __typename ${done} ... on InvalidInput { field } ... on Refusal { code message }
      } }`,
      variables: { ids: given },
      token,
    });
  const refusing = (error: AppError): void => {
    rig.portfolio.answers[operation] = () => {
      throw error;
    };
  };

  test('takes UUIDs and global ids, and answers with the latter', async () => {
    const { data, errors } = await ask([deadLetter.id, GLOBAL_ID]);
    expect(errors).toEqual([]);
    expect(arrived(operation)).toMatchObject({ ids: [deadLetter.id, ID] });
    const changed = [Buffer.from(`DeadLetter:${deadLetter.id}`).toString('base64'), GLOBAL_ID];
    expect(data).toMatchObject({
      it:
        operation === 'dropDeadLetters'
          ? { deletedIds: changed }
          : { deadLetters: changed.map((id) => ({ id, isRequeued: true })) },
    });
  });

  test('takes nothing else, and says which', async () => {
    const before = rig.portfolio.callsOf(operation).length;
    const { errors } = await ask([ID, Buffer.from(`Order:${ID}`).toString('base64')]);
    expect(errors[0]).toMatchObject({ extensions: { code: 'INVALID_ARGUMENT', field: 'ids[1]' } });
    expect(rig.portfolio.callsOf(operation)).toHaveLength(before);
  });

  test('of one that is gone is refused as that', async () => {
    refusing(new AppError('not_found', `no dead letter ${ID}`));
    expect((await ask([ID])).data).toMatchObject({ it: { __typename: 'NotFound', message: `no dead letter ${ID}` } });
  });

  test('of too many is refused with the argument', async () => {
    refusing(invalid('ids', 'should be 100 at the most'));
    const { data } = await ask([ID]);
    expect(data).toMatchObject({ it: { __typename: 'InvalidInput', field: 'ids' } });
  });
});

test('what is dropped is dropped for a reason, by whoever has just shown who they are', async () => {
  const query = `mutation { dropDeadLetters(input: { ids: ["${ID}"], reason: "a mistake" }) { __typename } }`;
  expect((await rig.ask({ query, token })).data).toEqual({ dropDeadLetters: { __typename: 'DroppedDeadLetters' } });
  expect(arrived('dropDeadLetters')).toEqual({ ids: [ID], reason: 'a mistake' });
  rig.portfolio.answers['dropDeadLetters'] = () => {
    throw new AppError('failed_precondition', 'confirm your password first', { reason: 'recent_sign_in_required' });
  };
  expect((await rig.ask({ query, token })).data).toEqual({ dropDeadLetters: { __typename: 'ConfirmPassword' } });
});

test.each([
  ['looks', ['ledger:verify'], ['deadLetters']],
  ['decides', ['ledger:adjust'], ['requeueDeadLetters', 'dropDeadLetters']],
])('whoever only %s may do no more', async (_, permissions, allowed) => {
  const somebody = userIdOf(permissions.join());
  rig.permissions.set(somebody, permissions);
  const own = await rig.tokens.sign({ sub: somebody });
  for (const [name, query] of [
    ['deadLetters', '{ deadLetters { nodes { id } } }'],
    ['requeueDeadLetters', `mutation { requeueDeadLetters(input: { ids: ["${ID}"] }) { __typename } }`],
    ['dropDeadLetters', `mutation { dropDeadLetters(input: { ids: ["${ID}"], reason: "x" }) { __typename } }`],
  ] as const) {
    const { errors } = await rig.ask({ query, token: own });
    const codes = errors.map(({ extensions }) => extensions['code']);
    expect({ name, codes }).toEqual({ name, codes: allowed.includes(name) ? [] : ['PERMISSION_DENIED'] });
  }
});
