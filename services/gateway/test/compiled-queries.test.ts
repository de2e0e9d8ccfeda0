import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';
import { madeUpOperations } from './made-up-operations.ts';

/** A query is executed plainly at first and as compiled code when it comes often: its answers have to be the same. */
let rig: GatewayRig;
let token: string;
let powerless: string;
const OFTEN = 25;

beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000', LIMIT_PER_ADDRESS: '1000000' });
  token = await rig.tokens.sign({ sub: userIdOf('ada') });
  rig.permissions.set(userIdOf('powerless'), []);
  powerless = await rig.tokens.sign({ sub: userIdOf('powerless') });
});
afterAll(() => rig.close());

async function sameHoweverOften(query: string, variables: Record<string, unknown> | undefined, as: string) {
  const ask = async () => {
    const { status, data, errors } = await rig.ask({
      query,
      token: as,
      ...(variables === undefined ? {} : { variables }),
    });
    return { status, data, errors: JSON.parse(JSON.stringify(errors, withoutTraceId)) as typeof errors };
  };
  const first = await ask();
  for (let time = 1; time < OFTEN; time += 1) expect(await ask()).toEqual(first);
  return first;
}

describe('the same however often it is asked', () => {
  test.each<[string, string, Record<string, unknown> | undefined, number]>([
    [
      'a default of what may not be null',
      'query($n: Int! = 2) { sessions(first: $n) { nodes { id } } }',
      undefined,
      200,
    ],
    ['the same, given', 'query($n: Int! = 2) { sessions(first: $n) { nodes { id } } }', { n: 1 }, 200],
    ['the same, null', 'query($n: Int! = 2) { sessions(first: $n) { nodes { id } } }', { n: null }, 400],
    ['the same, of another type', 'query($n: Int! = 2) { sessions(first: $n) { nodes { id } } }', { n: 'x' }, 400],
    ['a default of what may be null', 'query($n: Int = 2) { sessions(first: $n) { nodes { id } } }', undefined, 200],
    ['null over a default', 'query($n: Int = 2) { sessions(first: $n) { nodes { id } } }', { n: null }, 200],
    ['a default in a directive', 'query($x: Boolean! = true) { health me @skip(if: $x) { id } }', undefined, 200],
    ['what a directive leaves out', 'query($x: Boolean!) { me { id @include(if: $x) userId } }', { x: false }, 200],
    ['a default of the schema', '{ sessions { nodes { id isCurrent } pageInfo { endCursor } } }', undefined, 200],
    ['fragments over a union', '{ node(id: "VXNlcjox") { __typename ... on User { email } id } }', undefined, 200],
    ['an alias beside its field', '{ me { a: userId userId b: onboarding { state } } }', undefined, 200],
    ['a refusal below a list', '{ sessions(first: 0) { nodes { id } } me { userId } }', undefined, 200],
    ['what one may not see, beside what one may', '{ auditLog { nodes { id } } me { userId } }', undefined, 200],
  ])('%s', async (_, query, variables, status) => {
    expect(await sameHoweverOften(query, variables, token)).toMatchObject({ status });
  });

  test('a service that fails', async () => {
    const { getPreferences } = rig.user.answers;
    rig.user.answers['getPreferences'] = () => {
      throw new Error('broken');
    };
    const { errors } = await sameHoweverOften('{ me { userId } preferences { theme } }', undefined, token);
    rig.user.answers['getPreferences'] = getPreferences as never;
    expect(errors).toMatchObject([{ message: 'Internal error', path: ['preferences'], locations: [{ line: 1 }] }]);
  });

  // How the services are is looked at anew every few seconds, and is another answer then.
  const queries = madeUpOperations(buildSchema()).filter(({ kind, name }) => kind === 'query' && name !== 'status');
  test.each(queries.map((query): [string, string] => [query.name, query.textWith('VXNlcjox')]))(
    'every refusal of %s, with its path and place',
    async (_, text) => {
      await sameHoweverOften(text, undefined, powerless);
    },
  );
});

function withoutTraceId(key: string, value: unknown): unknown {
  return key === 'traceId' ? undefined : value;
}
