import type { OrderFieldsFragment } from './generated/graphql.ts';

const live = new Set([
  'PENDING_NEW',
  'ACCEPTED',
  'HELD',
  'NEW',
  'PARTIALLY_FILLED',
  'PENDING_CANCEL',
  'PENDING_REPLACE',
]);
const changeable = new Set(['ACCEPTED', 'HELD', 'NEW', 'PARTIALLY_FILLED']);

type Stated = Pick<OrderFieldsFragment, 'status'>;

export const isOpen = ({ status }: Stated): boolean => live.has(status);
/** One that is being cancelled or replaced already is not asked to be once more. */
export const mayCancel = ({ status }: Stated): boolean => changeable.has(status) || status === 'PENDING_NEW';
export const mayReplace = ({ status, type }: Pick<OrderFieldsFragment, 'status' | 'type'>): boolean =>
  changeable.has(status) && type !== 'MARKET';
