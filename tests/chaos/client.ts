import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Micros } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import type { Reply } from '../e2e/browser.ts';
import { ORDER, type Trader, tryToPlace, uuidOf } from '../e2e/traders.ts';

/** What a client was told of an order that it asked for. */
export interface Acknowledged {
  /** As GraphQL names it. */
  id: string;
  orderId: string;
  side: string;
  type: string;
  quantity: string;
  limitPrice: string | null;
  /** The newest that was heard of it. */
  status: string;
  filledQuantity: string;
}

const ENDED = new Set(['FILLED', 'CANCELED', 'REPLACED', 'EXPIRED', 'REJECTED']);
/** What a client's trying again cures; anything else that it is told is a finding. */
const PASSING = new Set(['UNAVAILABLE', 'RESOURCE_EXHAUSTED']);
const PRICE = 200_000_000n;
const CENT = 10_000n;
const FIELDS = `${ORDER} ... on Order { side type quantity limitPrice }`;

/**
 * Somebody who trades through the gateway and writes down, by their own names of orders, what they were told: an order is asked
 * for again under the same name until there is an answer, whatever becomes of the system meanwhile.
 */
export class Client {
  readonly trader: Trader;
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Names of orders that were refused, with why. */
  readonly refused = new Map<string, string>();
  /** How often there was no answer, by what was said instead. */
  readonly unanswered = new Map<string, number>();
  readonly #random: () => number;

  constructor(trader: Trader, random: () => number) {
    this.trader = trader;
    this.#random = random;
  }

  /** Until it is over, and what is under way then is answered. */
  async trade(over: AbortSignal, patience: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#act(patience);
      await pause(this.#random() * 40);
    }
  }

  async #act(patience: AbortSignal): Promise<void> {
    const chance = this.#random();
    const [name, order] = this.#oneOf([...this.acknowledged].filter(([, { status }]) => !ENDED.has(status))) ?? [];
    if (order === undefined || chance < 0.6) return this.#place(patience);
    if (chance < 0.7) return this.#replace(order, patience);
    if (chance < 0.8) return this.#cancel(order, patience);
    return this.#look(name ?? '', order, patience);
  }

  async #place(patience: AbortSignal): Promise<void> {
    const name = randomUUID();
    const isLimit = this.#random() < 0.6;
    const order = {
      side: this.#random() < 0.6 ? 'BUY' : 'SELL',
      type: isLimit ? 'LIMIT' : 'MARKET',
      quantity: String(1 + Math.floor(this.#random() * 3)),
      ...(isLimit ? { timeInForce: 'GTC', limitPrice: this.#price() } : {}),
    };
    const { data } = await this.#answered(() => tryToPlace(this.trader, order, name), patience);
    const answer = data['placeOrder'] as Record<string, unknown>;
    if (answer['__typename'] !== 'Order') {
      this.refused.set(name, String(answer['code'] ?? answer['__typename']));
      return;
    }
    const {
      side,
      type,
      quantity,
      limitPrice = null,
    } = order as Pick<Acknowledged, 'side' | 'type' | 'quantity'> & {
      limitPrice?: string;
    };
    this.#note(name, answer, { side, type, quantity, limitPrice });
  }

  async #replace({ id, side, type }: Acknowledged, patience: AbortSignal): Promise<void> {
    if (type !== 'LIMIT') return;
    const name = randomUUID();
    const [quantity, limitPrice] = [String(4 + Math.floor(this.#random() * 3)), this.#price()];
    const { data } = await this.#answered(
      () =>
        this.trader.browser.ask(
          `mutation ($input: ReplaceOrderInput!) { replaceOrder(input: $input) { ${FIELDS} ... on Refusal { code } } }`,
          { input: { orderId: id, quantity, limitPrice, clientOrderId: name } },
        ),
      patience,
    );
    const answer = data['replaceOrder'] as Record<string, unknown>;
    if (answer['__typename'] === 'Order') this.#note(name, answer, { side, type, quantity, limitPrice });
    else this.refused.set(name, String(answer['code'] ?? answer['__typename']));
  }

  async #cancel({ id, orderId }: Acknowledged, patience: AbortSignal): Promise<void> {
    const { data } = await this.#answered(
      () =>
        this.trader.browser.ask(
          'mutation ($id: ID!) { cancelOrder(orderId: $id) { __typename ... on Refusal { code } } }',
          { id },
        ),
      patience,
    );
    if ((data['cancelOrder'] as Record<string, unknown>)['__typename'] === 'NotFound')
      throw new Error(`order ${orderId} was acknowledged and is not there`);
  }

  async #look(name: string, order: Acknowledged, patience: AbortSignal): Promise<void> {
    const { data } = await this.#answered(
      () => this.trader.browser.ask('query ($id: ID!) { order(id: $id) { status filledQuantity } }', { id: order.id }),
      patience,
    );
    const found = data['order'] as Pick<Acknowledged, 'status' | 'filledQuantity'> | null;
    if (found === null) throw new Error(`order ${order.orderId} was acknowledged and is not there`);
    this.acknowledged.set(name, { ...order, ...found });
  }

  #note(
    name: string,
    answer: Record<string, unknown>,
    asked: Pick<Acknowledged, 'side' | 'type' | 'quantity' | 'limitPrice'>,
  ): void {
    const id = String(answer['id']);
    const heard = { status: String(answer['status']), filledQuantity: String(answer['filledQuantity']) };
    this.acknowledged.set(name, { id, orderId: uuidOf(id), ...asked, ...heard });
  }

  async #answered(ask: () => Promise<Reply>, patience: AbortSignal): Promise<Reply> {
    for (;;) {
      const said = await ask().then(
        (reply) => (reply.errors.length === 0 && Object.keys(reply.data).length > 0 ? reply : troubleOf(reply)),
        (error: Error) => `no connection (${error.message})`,
      );
      if (typeof said !== 'string') return said;
      if (patience.aborted) throw new Error(`a client still waits for an answer: ${said}`);
      if (said === 'UNAUTHENTICATED') {
        await this.#renew();
        continue;
      }
      this.unanswered.set(said, (this.unanswered.get(said) ?? 0) + 1);
      if (!PASSING.has(said) && !said.startsWith('no connection')) throw new Error(`a client is told ${said}`);
      await pause(50 + this.#random() * 100);
    }
  }

  /** As the page does when its token has run out; who may sign in no more is told so, which is a finding. */
  async #renew(): Promise<void> {
    const { status } = await this.trader.browser.post('/auth/refresh', {}).catch(() => ({ status: 503 }));
    if (status !== 200 && status !== 503 && status !== 429) throw new Error(`a session ended with ${status}`);
    if (status !== 200) await pause(50 + this.#random() * 100);
  }

  #price(): string {
    return format((PRICE + BigInt(Math.floor(this.#random() * 7) - 3) * CENT) as Micros);
  }

  #oneOf<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }
}

function troubleOf({ errors, status, text }: Reply): string {
  const code = errors[0]?.extensions?.['code'];
  if (typeof code !== 'string') return status === 503 ? 'UNAVAILABLE' : `status ${status}: ${text.slice(0, 200)}`;
  return PASSING.has(code) || code === 'UNAUTHENTICATED' ? code : `${code}: ${errors[0]?.message ?? ''}`;
}
