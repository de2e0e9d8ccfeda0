import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';
import { handshake } from './handshake.ts';

/** A gateway that is behind with its work turns new requests away, rather than being late for all of them. */
let rig: GatewayRig;
const csrf = { 'x-andvari-csrf': '1' };
const APP = 'https://app.example';
const webDir = mkdtempSync(join(tmpdir(), 'shedding-'));
writeFileSync(join(webDir, 'index.html'), '<!doctype html><title>Andvari</title>');
writeFileSync(join(webDir, 'part.js'), 'export {};');

beforeAll(async () => {
  rig = await gatewayRig({ SHED_LAG_MS: '60', ALLOWED_ORIGINS: APP, WEB_DIR: webDir });
});
afterAll(async () => {
  await rig.close();
  rmSync(webDir, { recursive: true });
});

test('while it is behind it answers 503 and when to come back, whatever is asked; the probes and the app are served', async () => {
  const token = await rig.tokens.sign({ sub: userIdOf('ada') });
  const ask = (): ReturnType<GatewayRig['ask']> =>
    rig.ask({ query: '{ me { userId } }', token, headers: { origin: APP } });
  expect((await ask()).status).toBe(200);

  await whileBusy(100, async () => {
    await eventually(async () => expect((await ask()).status).toBe(503));
    const { headers, errors } = await ask();
    expect(errors).toMatchObject([
      {
        extensions: {
          code: 'UNAVAILABLE',
          reason: 'overloaded',
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        },
      },
    ]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    // Or a page of another origin would not get to read that it should wait.
    expect(headers.get('access-control-allow-origin')).toBe(APP);

    const login = await rig.post('/auth/login', { email: 'a@example.com', password: 'correct' }, csrf);
    expect(login.status).toBe(503);
    expect(Number(login.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await login.json()).toMatchObject({ error: { code: 'UNAVAILABLE', reason: 'overloaded' } });
    expect(await handshake(`${rig.url}/graphql`)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });

    expect((await fetch(`${rig.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${rig.url}/part.js`)).status).toBe(200);
    expect((await fetch(`${rig.url}/markets`, { headers: { accept: 'text/html' } })).status).toBe(200);
    expect((await ask()).status).toBe(503);
    const metrics = await (await fetch(`${rig.adminUrl}/metrics`)).text();
    expect(
      Number(/^requests_refused_total\{[^}]*limit="event_loop"[^}]*\} (\d+)$/m.exec(metrics)?.[1]),
    ).toBeGreaterThan(2);
  });
});

test('however long the pieces are that its work comes in', async () => {
  await whileBusy(400, async () => {
    await eventually(async () => expect((await rig.ask({ query: '{ health }' })).status).toBe(503));
  });
});

test('a single pause turns nobody away', async () => {
  block(600);
  expect((await rig.ask({ query: '{ health }' })).status).toBe(200);
});

/** Work that leaves room for others between its pieces, only not enough; in any case over after twenty seconds. */
async function whileBusy(pieceMs: number, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const until = performance.now() + 20_000;
  const busy = (async () => {
    while (!over.signal.aborted && performance.now() < until) {
      block(pieceMs);
      await nextTurn();
    }
  })();
  await work().finally(() => over.abort());
  await busy;
  await eventually(async () => expect((await rig.ask({ query: '{ health }' })).status).toBe(200));
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
