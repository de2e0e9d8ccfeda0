import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import * as events from '@andvari/proto/events';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { CorporateAction, CorporateActionType, Instrument, MarketState } from '@andvari/proto/stock/v1/stock';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

/** What operators do to the market is in the trail; what the market does by itself is not. */
let security: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  security = await testService({
    readConfig,
    start,
    migrations,
    streams: ['AUTH', 'USER', 'ORDER', 'PORTFOLIO', 'SECURITY', 'MARKET'],
  });
});
afterAll(() => security.close());

const nothing = new Uint8Array();
const from = { source: 'stock' };

async function entriesOf(entity: string) {
  const auditor = security.client(SecurityServiceService, { userId: uuidv7(), scopes: ['audit:read'] });
  const { entries } = await auditor.queryAudit({
    actor: '',
    action: '',
    entity,
    fromUs: 0n,
    toUs: 0n,
    page: { first: 50, after: '' },
  });
  return entries.toReversed();
}

test('a halt, its end, a split and a changed instrument say who did it; listing and sessions leave no trace', async () => {
  const operator = uuidv7();
  const of = { ...from, subject: { symbol: 'ACME' } };
  const instrument = { ...Instrument.decode(nothing), symbol: 'ACME', version: 1n };
  const halted = { symbol: 'ACME', reason: 'Bob told me so', haltedAtUs: 5n, version: 2n, changedBy: operator };
  const action = {
    ...CorporateAction.decode(nothing),
    id: uuidv7(),
    symbol: 'ACME',
    type: CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT,
    ratioTo: 3n,
    ratioFrom: 2n,
    exDate: '2026-06-10',
  };
  const session = { state: MarketState.MARKET_STATE_REGULAR, atUs: 1n, nextOpenUs: 0n, nextCloseUs: 0n };
  await security.publish(
    newEvent(events.instrumentChanged, { instrument, changedBy: 'service:stock' }, of),
    newEvent(events.sessionChanged, session, from),
    newEvent(events.symbolHalted, halted, from),
    newEvent(events.corporateActionApplied, { action, changedBy: operator }, of),
    newEvent(events.symbolResumed, { symbol: 'ACME', version: 3n, changedBy: 'service:stock' }, from),
    newEvent(events.instrumentChanged, { instrument: { ...instrument, version: 4n }, changedBy: operator }, of),
  );
  const entries = await eventually(async () => {
    const found = await entriesOf('symbol/ACME');
    expect(found).toHaveLength(4);
    return found;
  });
  expect(entries.map((entry) => [entry.action, entry.actor])).toEqual([
    ['market.symbol.halted', operator],
    ['market.corporate_action.applied', operator],
    ['market.symbol.resumed', 'service:stock'],
    ['market.instrument.changed', operator],
  ]);
  expect(entries[0]?.details).toEqual({ version: '2', reason: 'Bob told me so' });
  expect(entries[1]?.details).toMatchObject({ action_id: action.id, type: 'split', ratio_to: '3', ratio_from: '2' });
  const [all] = await security.db`select count(*)::int as n from audit_entries where action like 'market.%'`;
  expect(all?.['n']).toBe(4);
  const dump = await security.db`select e::text as row from audit_entries e`;
  expect(JSON.stringify(dump)).not.toContain('Bob');
});
