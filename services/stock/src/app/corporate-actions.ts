import { AppError } from '@andvari/kit/base/errors';
import type { Tx } from '@andvari/kit/db/types';
import { refusalsOf } from '@andvari/kit/handler/refusals';
import {
  type ActionRefusal,
  type CashDividend,
  type CorporateAction,
  effectiveAfter,
  refuseTerms,
  type Split,
} from '../domain/corporate-action.ts';
import { corporateActionEvent, haltChangedEvent, haltCommand, OURSELVES, splitCommand } from '../messages/events.ts';
import {
  anyResumable,
  findAction,
  hasUnfinished,
  insertAction,
  listActions,
  lockResumable,
  markPosted,
  markResumed,
} from '../store/corporate-actions.ts';
import { lockInstrument, updateInstrument } from '../store/instruments.ts';
import type { Deps } from './deps.ts';
import { unknownSymbol } from './instruments.ts';
import type { Quotes } from './quotes.ts';

export interface ActionOrder {
  readonly id: string;
  readonly symbol: string;
  readonly terms: Split | CashDividend;
  readonly exDate: string;
}

const HALT_REASON = 'corporate_action';
/** By then everybody who quotes has seen a price of new shares. */
const SETTLE_US = 5_000_000n;

export type CorporateActions = ReturnType<typeof createCorporateActions>;

/**
 * Either stops the symbol until prices are those after it and the ledger has said that it is done. A split is told to the engine as well, which
 * ends every order in it, and the ledger multiplies what is held. A dividend is for what is held when it is applied: traded at the old
 * price until the new one, it would be had by whoever sells and lacked by whoever buys.
 */
export function createCorporateActions(deps: Deps, quotes: Quotes) {
  const { db, now, commit, listings, partitions } = deps;

  return {
    async apply(order: ActionOrder, appliedBy: string): Promise<CorporateAction> {
      const instrument = listings.get(order.symbol);
      if (instrument === undefined) throw unknownSymbol('action.symbol', order.symbol);
      const [quote] = await quotes.of([instrument]);
      const applied = await commit(async (tx, say) => {
        const known = await lockInstrument(tx, order.symbol);
        if (known === undefined) throw unknownSymbol('action.symbol', order.symbol);
        const before = await findAction(tx, order.id);
        if (before !== undefined) return { action: theSame(before, order), instrument: known };
        if (quote === undefined) throw new AppError('unavailable', 'there is no price of it', { reason: 'no_price' });
        const refusal = refuseTerms(order.terms, { currency: known.currency, price: quote.last });
        if (refusal !== undefined) throw actionError(refusal);
        if (await hasUnfinished(tx, order.symbol)) {
          throw new AppError('failed_precondition', 'another action on it is not over yet', {
            reason: 'corporate_action_unfinished',
            field: 'action.symbol',
          });
        }
        const atUs = now();
        const action = { ...order, referencePx: quote.last, appliedAtUs: atUs, effectiveAtUs: effectiveAfter(atUs) };
        await insertAction(tx, action, appliedBy);
        // Whoever has halted it meanwhile lets it go on, after us.
        const halt = known.halt ?? { reason: HALT_REASON, sinceUs: atUs };
        const halted = { ...known, halt, version: known.version + 1n };
        await updateInstrument(tx, halted);
        const { terms } = order;
        say(
          haltChangedEvent(halted, appliedBy),
          terms.type === 'split' ? splitCommand(action, terms, partitions) : haltCommand(halted, partitions),
          corporateActionEvent(action, appliedBy),
        );
        return { action, instrument: halted };
      });
      listings.put(applied.instrument);
      listings.putAction(applied.action);
      return applied.action;
    },

    list: (symbol: string, page: Parameters<typeof listActions>[2]) => listActions(db, symbol, page),

    /** The ledger has it. */
    posted: (tx: Tx, id: string) => markPosted(tx, id),

    /** Lets a symbol go on whose split is over; true where there may be more. */
    async resumeNext(): Promise<boolean> {
      const upToUs = now() - SETTLE_US;
      if (!(await anyResumable(db, upToUs))) return false;
      const resumed = await commit(async (tx, say) => {
        const due = await lockResumable(tx, upToUs);
        if (due === undefined) return undefined;
        const known = await lockInstrument(tx, due.symbol);
        await markResumed(tx, due.id);
        if (known?.halt?.reason !== HALT_REASON) return known;
        const next = { ...known, halt: undefined, version: known.version + 1n };
        await updateInstrument(tx, next);
        say(haltChangedEvent(next, OURSELVES), haltCommand(next, partitions));
        return next;
      });
      if (resumed === undefined) return false;
      listings.put(resumed);
      return true;
    },
  };
}

/** The same id is the same action, or a mistake. */
function theSame(before: CorporateAction, order: ActionOrder): CorporateAction {
  const told = (of: ActionOrder): string => [of.symbol, of.exDate, ...Object.values(of.terms).map(String)].join();
  if (told(before) === told(order)) return before;
  throw new AppError('already_exists', 'another action has this id', {
    reason: 'corporate_action_exists',
    field: 'action.id',
  });
}

const wrong = (field: string, message: string) =>
  ({ code: 'invalid_argument', field, message: `${field}: ${message}` }) as const;

const actionError = refusalsOf<ActionRefusal>({
  ratio_invalid: wrong('action.ratio_to', 'both numbers of shares should be from 1 to 10,000'),
  ratio_is_one: wrong('action.ratio_to', 'a split changes the number of shares'),
  amount_invalid: wrong('action.amount', 'should be above zero'),
  amount_above_price: wrong('action.amount', 'should be less than what a share is worth'),
  currency_foreign: wrong('action.currency', 'should be the currency it is traded in'),
});
