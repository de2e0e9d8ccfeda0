import { openMetrics } from '@andvari/kit/observe/metrics';
import { capturedLog } from '@andvari/kit/testing/captured-log';
import { MICRO } from '@andvari/money';
import { expect, test } from 'vitest';
import { createLedgerMonitor } from '../../src/app/ledger-monitor.ts';
import { portfolioMetrics } from '../../src/metrics.ts';
import { checksFor } from '../../src/store/findings.ts';
import { verify } from '../../src/store/verify-run.ts';
import { openAccount, useLedger } from './ledger-fixture.ts';

const ledger = useLedger({ maxConnections: 1 });

function openMonitor() {
  const metrics = openMetrics('test', { runtime: false });
  const { log } = capturedLog();
  const monitor = createLedgerMonitor({ db: ledger.db, metrics: portfolioMetrics(metrics), log });
  const verifiedSeconds = async () =>
    Number(/^ledger_verification_seconds\S* (\S+)$/m.exec((await metrics.scrape()).body)?.[1]);
  return { monitor, verifiedSeconds };
}

test('after each check there is a rest, and nothing is held in it', async () => {
  await openAccount(ledger.db, { cash: 10n * MICRO });
  const rests: number[] = [];
  const verification = verify(ledger.db, async (tookMs) => {
    rests.push(tookMs);
    // The pool's only connection: whoever held it would wait here for itself.
    await ledger.db`select 1`;
  });
  for await (const finding of verification) expect(finding).toBeUndefined();
  expect(rests).toHaveLength((await checksFor(ledger.db)).length);
  expect(Math.min(...rests)).toBeGreaterThan(0);
});

test('the monitor takes a fifth of a processor at the most, its first verification included', async () => {
  const { monitor, verifiedSeconds } = openMonitor();
  const startedAt = performance.now();
  await monitor.verify(new AbortController().signal);
  const seconds = await verifiedSeconds();
  expect(seconds).toBeGreaterThan(0);
  expect((performance.now() - startedAt) / 1000).toBeGreaterThan(4.9 * seconds);
});

test('the monitor does not rest to the end when the service stops', async () => {
  const { monitor, verifiedSeconds } = openMonitor();
  await expect(monitor.verify(AbortSignal.abort())).rejects.toThrow('aborted');
  expect(await verifiedSeconds()).toBe(0);
});
