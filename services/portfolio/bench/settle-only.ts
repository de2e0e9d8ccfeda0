import { openBenchAccounts, openBenchWorld } from './bench-world.ts';
import { settleBacklog, settlePaced } from './settling.ts';

/** Settling alone, round after round: for comparing two versions of it in turns on a machine that others use as well. */
const ROUNDS = Number(process.argv[2] ?? 3);
const ORDERS = 5000;
const PACED_ORDERS = 4500;
const LEGS_PER_SECOND = 3000;

const world = await openBenchWorld();
try {
  const accounts = (await openBenchAccounts(world.db, 10_000)).map(({ id }) => id);
  const reserve = async (keep: number) =>
    (await world.reserve({ accountIds: accounts, inFlight: 128, durationMs: 1500, keep })).orders.slice(0, keep);
  await settleBacklog(world, await reserve(2000));
  for (let round = 0; round < ROUNDS; round += 1) {
    const backlog = await settleBacklog(world, await reserve(ORDERS));
    const paced = await settlePaced(world, await reserve(PACED_ORDERS), LEGS_PER_SECOND);
    const figures = [
      backlog.cpuUs,
      backlog.serviceUs,
      backlog.perSecond,
      paced.cpuUs,
      paced.serviceUs,
      paced.perSecond,
    ].map(Math.round);
    console.log(
      `backlog ${figures[0]} us (service ${figures[1]}), ${figures[2]} legs/s; paced ${figures[3]} us (${figures[4]}) at ${figures[5]}`,
    );
  }
  let findings = 'unknown';
  for await (const { kind } of world.portfolio.verify({}, { timeoutMs: 60_000 })) {
    if (kind?.$case === 'summary') findings = kind.value.findings.toString();
  }
  console.log(`findings ${findings}`);
} finally {
  await world.close();
}
