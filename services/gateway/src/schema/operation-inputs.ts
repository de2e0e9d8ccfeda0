import { AppError, isAppError } from '@andvari/kit/base/errors';

const ofTime = { from_us: 'filter.from', to_us: 'filter.to' };

/**
 * What a service calls the inputs of an operation where the schema has another name for them: whole, or, ending in a dot, with what
 * is inside. The one `input` of a mutation goes without saying.
 */
export const operationInputs = {
  activities: { ...ofTime, symbol: 'filter.symbol', types: 'filter.types' },
  applyCorporateAction: { 'action.': '', action: '' },
  auditLog: { ...ofTime, actor: 'filter.actor', action: 'filter.action', entity: 'filter.entity' },
  book: { depth: 'levels' },
  executions: { ...ofTime, symbol: 'filter.symbol', order_id: 'filter.orderId' },
  fxRate: { base: 'from', 'quotes[0]': 'to' },
  instruments: {
    sector: 'filter.sector',
    exchange: 'filter.exchange',
    currency: 'filter.currency',
    type: 'filter.type',
  },
  orders: { ...ofTime, symbol: 'filter.symbol', statuses: 'filter.statuses' },
  setFeeSchedule: { 'schedule.': '', schedule: '' },
  upsertInstrument: { 'instrument.': '', instrument: '' },
  users: { text: 'search' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a service refuses of an operation, with the input called as the operation does. */
export async function asNamedIn<T>(operation: keyof typeof operationInputs, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw isAppError(error) ? renamed(error, operationInputs[operation]) : error;
  }
}

export function nameIn(names: Readonly<Record<string, string>>, field: string): string {
  for (const [before, after] of Object.entries(names)) {
    if (field === before) return after;
    if (before.endsWith('.') && field.startsWith(before)) return `${after}${field.slice(before.length)}`;
  }
  return field;
}

function renamed(error: AppError, names: Readonly<Record<string, string>>): AppError {
  const field = nameIn(names, error.field);
  if (field === error.field) return error;
  const { code, reason, numbers, entity } = error;
  const words = error.message.startsWith(`${error.field}: `) ? error.message.slice(error.field.length + 2) : undefined;
  const message = words === undefined ? error.message : field === '' ? words : `${field}: ${words}`;
  return new AppError(code, message, { reason, field, numbers, entity, cause: error });
}
