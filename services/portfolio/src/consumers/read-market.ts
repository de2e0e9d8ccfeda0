import { createHash } from 'node:crypto';
import { invalid } from '@andvari/kit/base/errors';
import { MICRO, toPrice } from '@andvari/money';
import { CorporateAction as ActionMessage, CorporateActionType, type Instrument } from '@andvari/proto/stock/v1/stock';
import type { ListedInstrument } from '../app/instruments.ts';
import { isCurrency } from '../domain/asset.ts';
import type { CorporateAction } from '../domain/corporate-action.ts';

/** Where fractions may be held, any number of micro-shares is a holding. */
export function listedFrom({ symbol, currency, lot, fractionable, version }: Instrument): ListedInstrument {
  return { symbol, currency, lot: fractionable ? 1n : lot, version };
}

export function corporateActionFrom(action: ActionMessage | undefined): { terms: CorporateAction; digest: string } {
  if (action === undefined) throw invalid('action', 'is missing');
  const { id, symbol, appliedAtUs: at } = action;
  if (id === '' || id.length > MAX_ID) throw invalid('action.id', 'is missing or too long');
  if (!SYMBOL.test(symbol) || isCurrency(symbol)) throw invalid('action.symbol', 'is no symbol');
  if (at <= 0n) throw invalid('action.applied_at_us', 'is missing');
  const digest = createHash('sha256').update(ActionMessage.encode(action).finish()).digest('base64url');
  return { terms: { id, symbol, at, ...termsFrom(action) }, digest };
}

function termsFrom(action: ActionMessage) {
  const { type, ratioTo, ratioFrom, amount, currency, referencePx } = action;
  if (type === CorporateActionType.CORPORATE_ACTION_TYPE_SPLIT) {
    // Whoever does not say from when on prices are new ones has none but those.
    const effectiveAtUs = action.effectiveAtUs === 0n ? action.appliedAtUs : action.effectiveAtUs;
    return { type: 'split', to: ratioTo, from: ratioFrom, referencePrice: referencePx, effectiveAtUs } as const;
  }
  if (type !== CorporateActionType.CORPORATE_ACTION_TYPE_CASH_DIVIDEND)
    throw invalid('action.type', 'is not known here');
  if (!isCurrency(currency)) throw invalid('action.currency', 'is not known here');
  if (amount <= 0n || amount > MOST_PER_SHARE) throw invalid('action.amount', 'is no dividend');
  return { type: 'cash_dividend', perShare: toPrice(amount), currency } as const;
}

const MAX_ID = 100;
const SYMBOL = /^[A-Z0-9][A-Z0-9./-]{0,23}$/;
const MOST_PER_SHARE = 1_000_000n * MICRO;
