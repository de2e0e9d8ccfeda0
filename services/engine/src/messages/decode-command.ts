import { AppError } from '@andvari/kit/base/errors';
import {
  Command as CommandMessage,
  OrderType as OrderTypeMessage,
  type PlaceOrder as PlaceOrderMessage,
  type QuoteLevel as QuoteLevelMessage,
} from '@andvari/proto/engine/v1/commands';
import { type Command, inOneShape, type OrderTerms, type QuoteLevel } from '../domain/command.ts';
import { parseUuid, type Uuid } from '../domain/uuid.ts';
import { groupKindFrom, orderTypeFrom, phaseFrom, sideFrom, timeInForceFrom } from './codes.ts';
import type { LoggedMessage } from './logged-message.ts';

/**
 * A command as the log has it, made into one that the engine takes. What cannot be read at all is an error, for the
 * dead letters; what can be read but makes no sense stays in, for the engine to refuse with a report.
 */
export function decodeCommand({ subject, payload, sequence, atUs }: LoggedMessage): Command {
  const message = readMessage(payload);
  // Whoever may write to one symbol's subject must not reach another's book.
  if (symbolIn(subject) !== message.symbol) throw unreadable('the subject is that of another symbol');
  return inOneShape(commandOf(message, sequence, atUs));
}

/** What follows `cmd.<partition>.`. */
function symbolIn(subject: string): string {
  return subject.slice(subject.indexOf('.', 'cmd.'.length) + 1);
}

function commandOf({ symbol, body }: CommandMessage, sequence: number, at: number): Command {
  const logged = { sequence, at, symbol };
  if (body === undefined) throw unreadable('the command is empty');
  switch (body.$case) {
    case 'placeOrder': {
      const order = body.value;
      return { kind: 'place', ...logged, ...ownerOf(order), ...termsOf(order) };
    }
    case 'placeGroup': {
      const { type, legs } = body.value;
      const first = legs[0];
      if (first === undefined) throw unreadable('the group has no legs');
      if (legs.some(({ accountId, userId }) => accountId !== first.accountId || userId !== first.userId)) {
        throw unreadable('the legs belong to different owners');
      }
      return {
        kind: 'place_group',
        ...logged,
        ...ownerOf(first),
        group: groupKindFrom(type),
        orders: legs.map(termsOf),
      };
    }
    case 'cancelOrder': {
      const { orderId, byOperator } = body.value;
      return { kind: 'cancel', ...logged, ...ownerOf(body.value), orderId: uuid('order_id', orderId), byOperator };
    }
    case 'replaceOrder': {
      const { orderId, newOrderId, qty, limitPx, stopPx, trailAmount, trailPercent } = body.value;
      return {
        kind: 'replace',
        ...logged,
        ...ownerOf(body.value),
        orderId: uuid('order_id', orderId),
        newOrderId: uuid('new_order_id', newOrderId),
        qty: number(qty),
        limitPrice: number(limitPx),
        stopPrice: number(stopPx),
        trailAmount: number(trailAmount),
        trailPpm: number(trailPercent),
      };
    }
    case 'quote': {
      const { bids, asks, referencePx } = body.value;
      return {
        kind: 'quote',
        ...logged,
        ...ownerOf(body.value),
        reference: number(referencePx),
        bids: bids.map(levelOf),
        asks: asks.map(levelOf),
      };
    }
    case 'defineInstrument': {
      if (!SYMBOL.test(symbol)) throw unreadable('the symbol can be no part of a subject');
      const { tick, tickBelowOne, lot } = body.value;
      return {
        kind: 'define_instrument',
        ...logged,
        tick: number(tick),
        tickBelowOne: number(tickBelowOne),
        lot: number(lot),
      };
    }
    case 'setSession':
      return { kind: 'set_phase', ...logged, phase: phaseFrom(body.value.session) };
    case 'setHalt':
      return { kind: 'set_halt', ...logged, halted: body.value.halted };
    case 'expireDayOrders':
      return { kind: 'expire_day', ...logged };
    case 'applySplit': {
      const { ratioTo, ratioFrom } = body.value;
      return { kind: 'split', ...logged, ratioTo: number(ratioTo), ratioFrom: number(ratioFrom) };
    }
  }
}

const SYMBOL = /^[^\s.*>\p{Cc}]{1,32}$/u;

function readMessage(payload: Uint8Array): CommandMessage {
  try {
    return CommandMessage.decode(payload);
  } catch (error) {
    throw unreadable('the bytes are no command', error);
  }
}

function termsOf(order: PlaceOrderMessage): OrderTerms {
  const market = order.type === OrderTypeMessage.ORDER_TYPE_MARKET;
  return {
    orderId: uuid('order_id', order.orderId),
    side: sideFrom(order.side),
    type: orderTypeFrom(order.type),
    timeInForce: timeInForceFrom(order.timeInForce),
    postOnly: order.postOnly,
    qty: number(order.qty),
    limitPrice: number(market ? order.collarPx : order.limitPx),
    stopPrice: number(order.stopPx),
    trailAmount: number(order.trailAmount),
    trailPpm: number(order.trailPercent),
    collarOffset: number(order.collarOffset),
  };
}

function ownerOf({ accountId, userId }: { accountId: string; userId: string }): { accountId: Uuid; userId: Uuid } {
  return { accountId: uuid('account_id', accountId), userId: uuid('user_id', userId) };
}

function levelOf({ px, qty }: QuoteLevelMessage): QuoteLevel {
  return { price: number(px), qty: number(qty) };
}

/** The engine checks ranges; a number it cannot hold exactly becomes one that is outside of them. */
function number(value: bigint): number {
  const held = Number(value);
  return Number.isSafeInteger(held) ? held : Number.NaN;
}

function uuid(field: string, text: string): Uuid {
  const parsed = parseUuid(text);
  if (parsed === undefined) throw unreadable(`${field} is no UUID`);
  return parsed;
}

function unreadable(message: string, cause?: unknown): AppError {
  return new AppError('invalid_argument', message, { reason: 'command_unreadable', cause });
}
