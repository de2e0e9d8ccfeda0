import type { MadeUpOperation } from '@andvari/gateway/testing/made-up-operations';
import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect } from 'vitest';
import { PASSWORD, type People, type Person } from './people.ts';
import type { System } from './system.ts';

/** Somebody with one row of every kind, as there is to lose. */
export async function settled(system: System, people: People, name: string): Promise<Person> {
  const person = await people.registered();
  const { browser, userId, email } = person;
  const done = async (mutation: string): Promise<void> => {
    const { data, errors } = await browser.ask(mutation);
    expect({ data, errors }).toMatchObject({
      data: { it: { done: expect.not.stringMatching(/^NotPossible|Invalid/) } },
      errors: [],
    });
  };
  await done(
    `mutation { it: createWatchlist(input: { name: "List of ${name}", symbols: ["AAPL"] }) { done: __typename } }`,
  );
  await done(
    `mutation { it: createApiKey(input: { name: "Key of ${name}", scopes: ["profile:read:own"] }) { done: __typename } }`,
  );
  const phone = `+1416${userId.replaceAll(/\D/g, '').padStart(7, '5').slice(-7)}`;
  await done(`mutation { it: updateProfile(input: { phone: "${phone}" }) { done: __typename } }`);
  const security = system.client('security', SecurityServiceService);
  await security.grantRole({ userId, role: 'support', expiresAtUs: 0n, reason: `Because of ${name}` });
  // A device nobody has seen yet is worth a notification.
  expect((await people.visitor().post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  await eventually(async () => {
    const { data } = await browser.ask('{ notifications { nodes { kind } } grants { nodes { role } } }');
    expect(JSON.stringify(data)).toContain('AUTH_LOGIN_NEW_DEVICE');
    expect(JSON.stringify(data)).toContain('SUPPORT');
  });
  return person;
}

export type View = Record<string, unknown>;

/** All that a person is shown, by everything that can be asked. */
export async function viewOf({ browser, userId }: Person, operations: readonly MadeUpOperation[]): Promise<View> {
  const view: View = {};
  for (const operation of operations.filter(({ kind }) => kind === 'query')) {
    const { data } = await browser.ask(operation.textWith(globalId('User', userId)));
    view[operation.name] = data[operation.name];
  }
  return view;
}

/** Global ids of everything in view, by type. */
export function idsIn(view: View): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of textsIn(view)) {
    const type = /^([A-Z]\w+):[\w.-]+$/.exec(decoded(text))?.[1];
    if (type !== undefined) found.set(type, text);
  }
  return found;
}

/** What stands in this view and would in no other: an answer that holds any of it is from somebody else's rows. */
export function marksOf(view: View, another: View): string[] {
  const common = new Set(textsIn(another));
  const own = textsIn(view).filter((text) => text.length >= MIN_MARK && !common.has(text));
  return [...new Set(own.flatMap((text) => [text, decoded(text).split(':')[1] ?? text]))];
}

const MIN_MARK = 6;

export function globalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64');
}

export function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
