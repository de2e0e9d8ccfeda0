import { price, typed, understood } from '../../ui/number.ts';
import type { Entered, Ticket, TicketField, TicketForce, TicketShape, TicketSide, TicketType } from './ticket-rules.ts';

/** A ticket as it is being typed: texts as they stand in the fields. */
export interface Draft {
  side: TicketSide;
  type: TicketType;
  force: TicketForce;
  shape: TicketShape;
  sizeIn: 'SHARES' | 'MONEY';
  size: string;
  limitPrice: string;
  stopPrice: string;
  trailIn: 'PERCENT' | 'MONEY';
  trail: string;
  takeProfit: string;
  stopLoss: string;
  postOnly: boolean;
}

export type DraftField = Exclude<TicketField, 'ticket'>;

export const emptyDraft: Draft = {
  side: 'BUY',
  type: 'LIMIT',
  force: 'DAY',
  shape: 'SINGLE',
  sizeIn: 'SHARES',
  size: '',
  limitPrice: '',
  stopPrice: '',
  trailIn: 'PERCENT',
  trail: '',
  takeProfit: '',
  stopLoss: '',
  postOnly: false,
};

/** What an address asks for: `?side=sell&quantity=5`. People write it in any case, and programs as the API does. */
export function draftFrom({ side, quantity, price: limit, type }: Record<string, string | undefined>): Partial<Draft> {
  const [wantedSide, wantedType] = [side?.toUpperCase(), type?.toUpperCase()];
  return {
    ...(wantedSide === 'BUY' || wantedSide === 'SELL' ? { side: wantedSide } : {}),
    ...(quantity === undefined ? {} : { size: typed(quantity), sizeIn: 'SHARES' }),
    ...(limit === undefined ? {} : { limitPrice: typed(limit), type: 'LIMIT' }),
    ...(wantedType === 'MARKET' ? { type: 'MARKET' } : {}),
  };
}

export function ticketOf(draft: Draft): Ticket {
  const { size, limitPrice, stopPrice, trail, takeProfit, stopLoss } = draft;
  return {
    ...draft,
    size: entered(size),
    limitPrice: entered(limitPrice),
    stopPrice: entered(stopPrice),
    trail: entered(trail),
    takeProfit: entered(takeProfit),
    stopLoss: entered(stopLoss),
  };
}

/** Null: there is text, and it is no number. */
function entered(text: string): Entered {
  const found = understood(text);
  if (found.ok) return found.value;
  return found.reason === 'empty' ? '' : null;
}

/** Said beneath a field whose text may be read in two ways; cents that end in a nought are read in one. */
export function shownAs(text: string): string | undefined {
  const found = understood(text);
  if (!found.ok) return wrongWords[found.reason];
  const bare = text.trim();
  const isPlain = /^\d*$/.test(bare) || [typed(found.value), typed(found.value, '0.01')].includes(bare);
  return isPlain ? undefined : `Understood as ${price(found.value, '1')}`;
}

const wrongWords = {
  empty: undefined,
  too_exact: 'At most six decimals.',
  too_large: 'Too large a number.',
  not_a_number: 'Not a number.',
};

const KEY = 'andvari.ticket';

export function storedDraft(symbol: string): Draft | undefined {
  const kept = stored();
  return kept?.symbol === symbol ? kept.draft : undefined;
}

/** Whether nobody has typed anything that waits to be sent. */
export function isTicketEmpty(): boolean {
  const { draft } = stored() ?? {};
  return draft === undefined || typedFields.every((field) => draft[field] === '');
}

const typedFields = ['size', 'limitPrice', 'stopPrice', 'trail', 'takeProfit', 'stopLoss'] as const;

function stored(): { symbol: unknown; draft: Draft } | undefined {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as {
      symbol?: unknown;
      draft?: Record<string, unknown>;
    } | null;
    if (value?.draft === undefined) return undefined;
    // What an older page did not know of is as usual: its ticket goes on.
    const draft: Record<string, unknown> = { ...emptyDraft, ...value.draft };
    const fits = Object.entries(emptyDraft).every(([name, usual]) => typeof draft[name] === typeof usual);
    return fits ? { symbol: value.symbol, draft: draft as unknown as Draft } : undefined;
  } catch {
    return undefined;
  }
}

export const storeDraft = (symbol: string, draft: Draft): void =>
  sessionStorage.setItem(KEY, JSON.stringify({ symbol, draft }));
