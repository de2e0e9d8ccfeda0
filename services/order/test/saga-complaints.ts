import { OrderStatus, Side } from '../../engine/src/domain/codes.ts';
import type { OrderView } from '../../engine/src/domain/queries.ts';
import { hasEnded } from '../src/domain/order.ts';
import { accounts, CASH, type SagaWorld, SHARES } from './saga-world.ts';

/** What must hold of a world at rest; every sentence that does not is answered. */
export function complaintsOf(world: SagaWorld): string[] {
  const { ledger, engine, orders, intents, misfits } = world;
  const found = [
    ...ledger.problems,
    ...misfits.map(({ why, report }) => `${report.type} of ${report.orderId}: ${why}`),
  ];
  for (const [id, { life, accountId }] of orders) {
    const resting = engine.find(id);
    const held = ledger.held.get(id)?.reservation;
    const isOpen = !hasEnded(life.status);
    if (life.status === 'pending_new' || life.pending !== undefined)
      found.push(`${id} of ${accountId} is between: ${life.status}`);
    if (isOpen !== (resting !== undefined))
      found.push(`${id} is ${life.status} here and ${resting === undefined ? 'gone' : 'live'} there`);
    if (resting !== undefined && BigInt(resting.cumQty) !== life.cumQty)
      found.push(`${id}: filled differs from the engine`);
    const needed = resting === undefined ? 0n : neededFor(resting);
    if (resting !== undefined && ledger.holds(id) < needed)
      found.push(`${id} holds ${ledger.holds(id)} and may come to ${needed}`);
    if (held === undefined) found.push(`${id} holds nothing in the ledger`);
    else if (held.filled !== life.cumQty) found.push(`${id}: filled ${life.cumQty} here, ${held.filled} in the ledger`);
    else if ((held.state === 'open') !== isOpen)
      found.push(`${id} is ${life.status} and its reservation ${held.state}`);
  }
  for (const [id, { reservation }] of ledger.held) {
    if (reservation.state === 'closed' && reservation.remaining !== 0n) found.push(`${id} is over and holds something`);
    if (reservation.state === 'open' && !orders.has(id)) found.push(`${id} is held for and was never placed`);
  }
  for (const account of accounts) {
    for (const asset of ['USD', 'ACME']) {
      const { posted, reserved } = ledger.balance(account, asset);
      let sum = 0n;
      for (const { reservation, request } of ledger.held.values()) {
        if (request.accountId === account && request.asset === asset) sum += reservation.remaining;
      }
      if (sum !== reserved) found.push(`${account} has ${reserved} ${asset} reserved, its orders hold ${sum}`);
      if (posted - reserved < 0n) found.push(`${account} has overspent its ${asset}`);
    }
  }
  if (ledger.total('USD') !== CASH * 2n) found.push('money appeared or disappeared');
  if (ledger.total('ACME') !== SHARES * 2n) found.push('shares appeared or disappeared');
  for (const { answer } of intents) {
    if (typeof answer === 'object' && !orders.has(answer.orderId))
      found.push(`${answer.orderId} was told of and is not there`);
  }
  return found;
}

/** What a resting order may still take of its account: shares, or money at its limit. One that waits for its entry has nothing to sell yet. */
function neededFor({ side, status, limitPrice, leavesQty }: OrderView): bigint {
  if (side === Side.sell) return status === OrderStatus.held ? 0n : BigInt(leavesQty);
  return (BigInt(limitPrice) * BigInt(leavesQty)) / 1_000_000n;
}
