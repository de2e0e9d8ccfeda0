import type { OutgoingEvent } from '@andvari/kit/events/event';
import { orderIdOf } from '../src/app/order-id.ts';
import { unansweredCommands } from '../src/app/resubmission.ts';
import { awaiting, decideCancel, judgeReplacement } from '../src/domain/change.ts';
import { judgeGroup } from '../src/domain/judge-group.ts';
import { judgeOrder, type Placement, worstPrice } from '../src/domain/judge-order.ts';
import type { Misfit, Report } from '../src/domain/life.ts';
import { newOrder } from '../src/domain/new-order.ts';
import type { Order, OrderSpec } from '../src/domain/order.ts';
import { isRefusal } from '../src/domain/refusal.ts';
import { ReportedOrders } from '../src/domain/reported-orders.ts';
import { createCommands } from '../src/messages/commands.ts';
import { Dice, type Intent, idsOf, marketSeen, newIntent } from './saga-clients.ts';
import { type Logged, SagaEngine } from './saga-engine.ts';
import { SagaLedger } from './saga-ledger.ts';

const MICRO = 1_000_000n;
export const accounts = ['00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000a2'] as const;
export const CASH = 3000n * MICRO;
export const SHARES = 40n * MICRO;
const collars = { marketPpm: 50_000n, limitPpm: 500_000n };

/** A call under way in the order service; gone when the service is. */
interface Saga {
  readonly intent: Intent;
  step: 'judge' | 'save' | 'release';
  /** All that is placed together. */
  orders?: readonly Order[];
}

/** Everything that happens in the model, one atomic step after the other, in an order that a seed decides. */
export class SagaWorld {
  readonly ledger = new SagaLedger(accounts, CASH, SHARES);
  readonly engine = new SagaEngine();
  readonly orders = new Map<string, Order>();
  readonly intents: Intent[] = [];
  readonly misfits: { why: Misfit; report: Report }[] = [];
  readonly #commands = createCommands(1);
  readonly #fences = new Set<string>();
  readonly #outbox: OutgoingEvent[] = [];
  readonly #log: Logged[] = [];
  readonly #executions: Report[] = [];
  readonly #inbox = new Set<string>();
  readonly #suspects: string[] = [];
  #relayed = 0;
  #ordersRead = 0;
  #ledgerRead = 0;
  #sagas: Saga[] = [];
  #nowUs = 1n;
  readonly #dice: Dice;

  constructor(random: () => number) {
    this.#dice = new Dice(random);
  }

  /** One step that the adversary chooses. */
  act(): void {
    const dice = this.#dice.next();
    if (dice < 0.1) this.#want();
    else if (dice < 0.35) this.#advance();
    else if (dice < 0.42) this.#retry();
    else if (dice < 0.55) this.#relay(true);
    else if (dice < 0.68) this.#engineStep(true);
    else if (dice < 0.79) this.#ordersStep(true);
    else if (dice < 0.9) this.#ledgerStep(true);
    else if (dice < 0.93) this.#sweep(true);
    else if (dice < 0.95) this.#resubmit();
    else if (dice < 0.975) this.#killOrders();
    else this.engine.kill();
  }

  /** No more faults: everybody asks until there is an answer, and everything is delivered. */
  settleDown(): void {
    for (let round = 0; round < 500; round += 1) {
      for (const intent of this.intents) if (intent.answer === undefined) this.#ask(intent);
      while (this.#sagas.length > 0) this.#advance(false);
      while (this.#relayed < this.#outbox.length) this.#relay(false);
      while (this.engine.isBehind(this.#log)) this.#engineStep(false);
      while (this.#ordersRead < this.#executions.length) this.#ordersStep(false);
      while (this.#ledgerRead < this.#executions.length) this.#ledgerStep(false);
      this.#resubmit();
      this.#sweep(false);
      if (this.#isQuiet() && this.intents.every(({ answer }) => answer !== undefined)) return;
    }
    throw new Error('the system did not come to rest');
  }

  #isQuiet(): boolean {
    const isRead = this.#ordersRead === this.#executions.length && this.#ledgerRead === this.#executions.length;
    const isSent = this.#relayed === this.#outbox.length && !this.engine.isBehind(this.#log);
    const isAnswered = [...this.orders.values()].every(({ life }) => life.awaitingSinceUs === 0n);
    return isRead && isSent && isAnswered && this.#unconfirmed().length === 0;
  }

  // The clients.

  #want(): void {
    if (this.intents.length >= 12) return this.#retry();
    const accountId = this.#dice.pick(accounts);
    const targets = this.intents.flatMap((intent) =>
      typeof intent.answer === 'object' && intent.accountId === accountId ? idsOf(intent) : [],
    );
    const intent = newIntent(this.#dice, { accountId, number: this.intents.length, targets });
    this.intents.push(intent);
    this.#ask(intent);
  }

  #retry(): void {
    // Answered ones too: an answer may have been lost on its way.
    if (this.intents.length > 0) this.#ask(this.#dice.pick(this.intents));
  }

  #ask(intent: Intent): void {
    this.#sagas.push({ intent, step: 'judge' });
  }

  // The order service.

  #advance(isFaulty = true): void {
    if (this.#sagas.length === 0) return;
    const at = isFaulty ? this.#dice.below(this.#sagas.length) : 0;
    const [saga] = this.#sagas.splice(at, 1) as [Saga];
    if (saga.intent.kind === 'cancel') this.#cancel(saga.intent);
    else if (saga.step === 'judge') this.#judgeAndReserve(saga, isFaulty);
    else if (saga.step === 'save') this.#save(saga, isFaulty);
    else this.ledger.release(saga.orders?.[0]?.id ?? '');
  }

  #cancel(intent: Intent): void {
    const order = this.orders.get(intent.target);
    if (order === undefined) return this.#answer(intent, 'refused');
    const decision = decideCancel(order, () => 0n);
    if (decision === 'send') {
      this.orders.set(order.id, awaiting(order, 'cancel', this.#tick()));
      this.#outbox.push(this.#commands.cancel(order, false));
    }
    this.#answer(
      intent,
      isRefusal(typeof decision === 'string' ? undefined : decision) ? 'refused' : { orderId: order.id },
    );
  }

  #judgeAndReserve(saga: Saga, isFaulty: boolean): void {
    const { intent } = saga;
    const { accountId, group } = intent;
    const [id = '', ...others] = idsOf(intent);
    const judged = this.#judge(intent);
    if (judged === undefined) return this.#answerFromRows(intent, id);
    if (isFaulty && this.#dice.next() < 0.1) return; // The request to the ledger is lost.
    const requests = judged.map(({ spec, placement, replaces }, leg) => {
      const { qty, asset, principal: amount } = placement;
      const limitPx = worstPrice(spec, placement);
      const orderId = [id, ...others][leg] ?? '';
      return { orderId, accountId, symbol: 'ACME', side: spec.side, qty, asset, amount, limitPx, replaces };
    });
    const groupId = orderIdOf(accountId, intent.clientOrderId);
    const outcome =
      group === undefined
        ? this.ledger.reserve(requests[0] as (typeof requests)[number])
        : this.ledger.reserveGroup({ groupId, type: group.type, accountId, symbol: 'ACME', legs: requests });
    if (isFaulty && this.#dice.next() < 0.1) return; // Its answer is.
    if (outcome !== 'reserved') return this.#answerFromRows(intent, id);
    const orders = judged.map(({ spec, placement, replaces }, leg) => {
      const clientOrderId = group === undefined ? intent.clientOrderId : `${intent.clientOrderId}.${leg}`;
      const own = group === undefined ? this.orders.get(replaces ?? '')?.group : { id: groupId, type: group.type, leg };
      const request = { id: requests[leg]?.orderId ?? '', accountId, userId: accountId, clientOrderId, spec, replaces };
      return newOrder({ ...request, group: own }, placement, this.#tick());
    });
    this.#sagas.push({ intent, step: 'save', orders });
  }

  #judge(intent: Intent): { spec: OrderSpec; placement: Placement; replaces: string | undefined }[] | undefined {
    const seen = marketSeen(this.#dice, this.#nowUs);
    if (intent.group !== undefined) {
      const { type, legs } = intent.group;
      const placements = judgeGroup(type, legs, seen, collars);
      if (isRefusal(placements)) return undefined;
      return placements.map((placement, leg) => ({
        spec: legs[leg] as OrderSpec,
        placement,
        replaces: undefined,
      }));
    }
    if (intent.kind === 'place') {
      const placement = judgeOrder(intent.spec, seen, collars);
      return isRefusal(placement) ? undefined : [{ spec: intent.spec, placement, replaces: undefined }];
    }
    const old = this.orders.get(intent.target);
    if (old === undefined) return undefined;
    const { group } = old;
    const groupOrders = [...this.orders.values()].filter((other) => other.group?.id === group?.id);
    const judged = judgeReplacement(old, groupOrders, intent.change, seen, collars, () => 0n);
    return isRefusal(judged) ? undefined : [{ ...judged, replaces: old.id }];
  }

  /** One transaction: the rows, the command, and of a replacement the order that is to make way. */
  #save({ intent, orders = [] }: Saga, isFaulty: boolean): void {
    const [order] = orders;
    if (order === undefined) return;
    if (this.#fences.has(order.id) || this.orders.has(order.id)) return this.#answerFromRows(intent, order.id);
    if (order.replaces !== undefined) {
      const old = this.orders.get(order.replaces);
      if (old === undefined || decideCancel(old, () => 0n) !== 'send') {
        this.#sagas.push({ intent, step: 'release', orders });
        return this.#answer(intent, 'refused');
      }
      this.orders.set(old.id, awaiting(old, 'replace', this.#tick()));
      this.#outbox.push(this.#commands.replace(order));
    } else {
      this.#outbox.push(intent.group === undefined ? this.#commands.place(order) : this.#commands.placeGroup(orders));
    }
    for (const each of orders) this.orders.set(each.id, each);
    if (isFaulty && this.#dice.next() < 0.1) return; // The client never hears of it, and asks again.
    this.#answer(intent, { orderId: order.id });
  }

  #answerFromRows(intent: Intent, id: string): void {
    this.#answer(intent, this.orders.has(id) ? { orderId: id } : 'refused');
  }

  #answer(intent: Intent, answer: Intent['answer']): void {
    // An order that was told of stays the answer.
    if (typeof intent.answer !== 'object') intent.answer = answer;
  }

  #killOrders(): void {
    this.#sagas = [];
    // What was published but not noted is published again.
    this.#relayed -= Math.min(this.#relayed, this.#dice.below(3));
  }

  #relay(isFaulty: boolean): void {
    const event = this.#outbox[this.#relayed];
    if (event === undefined) return;
    this.#relayed += 1;
    if (isFaulty && this.#dice.next() < 0.07) return; // The stream loses what it has acknowledged.
    this.#log.push(event);
    if (isFaulty && this.#dice.next() < 0.07) this.#log.push(event);
  }

  #ordersStep(isFaulty: boolean): void {
    const size = 1 + this.#dice.below(4);
    const batch = this.#executions.slice(this.#ordersRead, this.#ordersRead + size);
    if (isFaulty && this.#dice.next() < 0.1) return; // Killed before the commit.
    const fresh = batch.filter(({ execId }) => !this.#inbox.has(execId) && this.#inbox.add(execId));
    const reported = new ReportedOrders([...this.orders.values()]);
    for (const report of fresh) {
      const order = reported.find(report.orderId);
      const why = order === undefined ? 'other_order' : reported.apply(order, report);
      if (why !== undefined) this.misfits.push({ why, report });
    }
    for (const { id, life } of reported.changed()) this.orders.set(id, { ...(this.orders.get(id) as Order), life });
    this.#ordersRead += batch.length;
    // Killed behind the commit: the same messages come again.
    if (isFaulty && this.#dice.next() < 0.1) this.#ordersRead -= this.#dice.below(batch.length + 1);
  }

  /** Silence is a loss once the engine has read everything and we all that it has said. */
  #resubmit(): void {
    if (this.engine.isBehind(this.#log) || this.#ordersRead < this.#executions.length) return;
    if (this.#relayed < this.#outbox.length) return;
    const all = [...this.orders.values()];
    for (const order of all.filter(({ life }) => life.awaitingSinceUs > 0n)) {
      this.#outbox.push(...unansweredCommands(order, all, this.#commands).map(({ event }) => event));
    }
  }

  // The engine and the ledger.

  #engineStep(isFaulty: boolean): void {
    for (const report of this.engine.step(this.#log)) {
      const isKnown = this.#executions.some(({ execId }) => execId === report.execId);
      if (!isKnown || (isFaulty && this.#dice.next() < 0.2)) this.#executions.push(report);
    }
  }

  #ledgerStep(isFaulty: boolean): void {
    const report = this.#executions[this.#ledgerRead];
    if (report === undefined) return;
    this.ledger.settle(report);
    this.#ledgerRead += 1;
    if (isFaulty && this.#dice.next() < 0.1) this.#ledgerRead -= Math.min(this.#ledgerRead, this.#dice.below(3));
  }

  /** Reservations whose order nobody has confirmed: fenced first, released only on the order service's own no. */
  #sweep(isFaulty: boolean): void {
    for (const id of this.#suspects.splice(0)) this.ledger.release(id);
    const found = isFaulty ? this.#unconfirmed().slice(0, 1) : this.#unconfirmed();
    for (const [id, held] of found) {
      if (this.orders.has(id)) held.confirmed = true;
      else {
        this.#fences.add(id);
        // The release is a step of its own: much may happen in between.
        if (!isFaulty || this.#dice.next() < 0.7) this.#suspects.push(id);
      }
    }
  }

  #unconfirmed() {
    // The first order of a group stands for all of it.
    return [...this.ledger.held].filter(
      ([, { confirmed, reservation, group, replaces }]) =>
        !confirmed && reservation.state === 'open' && (replaces !== undefined || (group?.leg ?? 0) === 0),
    );
  }

  #tick(): bigint {
    this.#nowUs += 1n;
    return this.#nowUs;
  }
}
