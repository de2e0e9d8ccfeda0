import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { partitionOf } from '@andvari/kit/events/partition';
import { type Command, Session } from '@andvari/proto/engine/v1/commands';
import {
  command,
  corporateActionApplied,
  instrumentChanged,
  sessionChanged,
  symbolHalted,
  symbolResumed,
} from '@andvari/proto/events';
import type { CorporateAction, Split } from '../domain/corporate-action.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { EngineStep, SessionState } from '../domain/market-clock.ts';
import { actionTo, instrumentTo, marketStateTo } from './convert.ts';

const attributes = { source: 'stock' };
export const OURSELVES = 'service:stock';

export function instrumentChangedEvent(instrument: Instrument, changedBy: string): OutgoingEvent {
  const { symbol } = instrument;
  const message = { instrument: instrumentTo(instrument), changedBy };
  return newEvent(instrumentChanged, message, { ...attributes, subject: { symbol } });
}

/** Of an instrument that was just halted or resumed. */
export function haltChangedEvent({ symbol, halt, version }: Instrument, changedBy: string): OutgoingEvent {
  if (halt === undefined) return newEvent(symbolResumed, { symbol, version, changedBy }, attributes);
  const { reason, sinceUs } = halt;
  return newEvent(symbolHalted, { symbol, reason, haltedAtUs: sinceUs, version, changedBy }, attributes);
}

export function sessionChangedEvent(
  state: SessionState,
  at: { atUs: bigint; nextOpenUs: bigint; nextCloseUs: bigint },
): OutgoingEvent {
  return newEvent(sessionChanged, { state: marketStateTo[state], ...at }, attributes);
}

export function corporateActionEvent(action: CorporateAction, changedBy: string): OutgoingEvent {
  const { symbol } = action;
  const message = { action: actionTo(action), changedBy };
  return newEvent(corporateActionApplied, message, { ...attributes, subject: { symbol } });
}

/** How a symbol is made known to the engine. */
export function defineCommand({ symbol, tick, tickBelowOne, lot }: Instrument, partitions: number): OutgoingEvent {
  return commandEvent(symbol, partitions, { $case: 'defineInstrument', value: { tick, tickBelowOne, lot } });
}

export function stepCommand(symbol: string, partitions: number, step: EngineStep): OutgoingEvent {
  if (step === 'expire_day_orders') {
    return commandEvent(symbol, partitions, { $case: 'expireDayOrders', value: {} });
  }
  return commandEvent(symbol, partitions, { $case: 'setSession', value: { session: sessions[step] } });
}

export function haltCommand({ symbol, halt }: Instrument, partitions: number): OutgoingEvent {
  const value = { halted: halt !== undefined, reason: halt?.reason ?? '' };
  return commandEvent(symbol, partitions, { $case: 'setHalt', value });
}

/** Ends every order in old shares and keeps new ones out until the halt is lifted. */
export function splitCommand({ id, symbol }: CorporateAction, { to, from }: Split, partitions: number): OutgoingEvent {
  const value = { actionId: id, ratioTo: to, ratioFrom: from };
  return commandEvent(symbol, partitions, { $case: 'applySplit', value });
}

function commandEvent(symbol: string, partitions: number, body: NonNullable<Command['body']>): OutgoingEvent {
  const partition = partitionOf(symbol, partitions);
  return newEvent(command, { symbol, body }, { ...attributes, subject: { partition } });
}

const sessions: Record<Exclude<EngineStep, 'expire_day_orders'>, Session> = {
  closed: Session.SESSION_CLOSED,
  pre_open: Session.SESSION_PRE_OPEN,
  open: Session.SESSION_OPEN,
};
