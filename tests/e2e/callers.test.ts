import { callerPairs, services } from '@andvari/deploy/services';
import { isAppError } from '@andvari/kit/base/errors';
import type { Definition } from '@andvari/kit/rpc/types';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem, tradingServices } from './system.ts';

/** Who may call whom, over the real processes: what a service holds opens no door that deploy/services.ts does not name. */
let system: System;
beforeAll(async () => {
  system = await startSystem(tradingServices);
  // The witness of the system has to have seen an answer.
  await system.browser().ask('{ me { id } }');
});
afterAll(() => system.close());

const definitions: Record<string, Definition> = {
  auth: AuthServiceService,
  engine: EngineServiceService,
  order: OrderServiceService,
  portfolio: PortfolioServiceService,
  security: SecurityServiceService,
  stock: StockServiceService,
  user: UserServiceService,
};
const names = services.map(({ name }) => name);
const allowed = callerPairs(services);

type Caller = { readonly service: string; readonly key: string };

const methods = Object.fromEntries(
  Object.entries(definitions).map(([audience, definition]) => [
    audience,
    Object.entries(definition).filter(([, { responseStream }]) => !responseStream),
  ]),
);

/** What comes of calls of these methods: the reasons for which callers are refused, or that they are not. */
async function outcomes(audience: string, as: Caller, asked = methods[audience] ?? []): Promise<Set<string>> {
  const client = system.client(audience, definitions[audience] ?? {}, as);
  const answers = asked.map(async ([name, { requestDeserialize }]) => {
    try {
      await client[name]?.(requestDeserialize(Buffer.alloc(0)) as never);
      return 'answered';
    } catch (error) {
      return isAppError(error, 'unauthenticated') && error.reason.startsWith('caller_') ? error.reason : 'answered';
    }
  });
  return new Set(await Promise.all(answers));
}

/** One method after the other, so that each is asked by many who may not, without asking each for everybody. */
const turns = new Map<string, number>();
function nextMethod(audience: string) {
  const turn = turns.get(audience) ?? 0;
  turns.set(audience, turn + 1);
  const all = methods[audience] ?? [];
  return all.slice(turn % all.length).slice(0, 1);
}

/** All keys that a service is told: of whom it calls, and of who calls it. */
function keysOf(name: string): [other: string, key: string][] {
  const { CALLERS = '', CALLEES = '' } = system.environment(name);
  return [CALLERS, CALLEES].flatMap((list) =>
    list
      .split(',')
      .filter(Boolean)
      .map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}

test('no key is of more than two services', () => {
  const holders = new Map<string, Set<string>>();
  for (const name of names) {
    for (const [, key] of keysOf(name)) holders.set(key, (holders.get(key) ?? new Set()).add(name));
  }
  expect(holders.size).toBeGreaterThanOrEqual(allowed.length);
  for (const [, who] of holders) expect(who.size).toBeLessThanOrEqual(2);
});

describe.each(names)('what %s holds', (holder) => {
  test('lets it call those that it calls, in its own name', async () => {
    const { CALLEES = '' } = system.environment(holder);
    for (const { audience } of allowed.filter(({ issuer }) => issuer === holder)) {
      const key = new RegExp(`(?:^|,)${audience}=([^,]+)`).exec(CALLEES)?.[1] ?? '';
      expect(await outcomes(audience, { service: holder, key }), audience).toEqual(new Set(['answered']));
    }
  });

  test('lets it call nobody else, nor anybody in another’s name', async () => {
    const doors = Object.keys(definitions).filter((audience) => audience !== holder);
    for (const [, key] of keysOf(holder)) {
      for (const audience of doors) {
        for (const name of [...names, 'operator-tool']) {
          const isOwnDoor =
            name === holder && allowed.some((pair) => pair.issuer === holder && pair.audience === audience);
          if (isOwnDoor) continue;
          const refusals = await outcomes(audience, { service: name, key }, nextMethod(audience));
          expect([...refusals], `as ${name} at ${audience}`).toEqual([
            expect.stringMatching(/^caller_(not_allowed|signature_wrong)$/),
          ]);
        }
      }
    }
  });
});

test('no method was left out', () => {
  for (const [audience, all] of Object.entries(methods)) {
    expect(turns.get(audience), audience).toBeGreaterThan(2 * all.length);
  }
});
