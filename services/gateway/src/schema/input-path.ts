/**
 * The input at fault as whoever asks knows it: a path within the arguments. Services name it as their contracts do, `from_us` or
 * `order.limit_px`; the schema says `from` and `order.limitPrice`. What no argument stands for has no name. Here is what holds for
 * every operation; what one alone calls otherwise is in `operation-inputs.ts`.
 */
export function inputPath(field: string): string {
  return (calledOtherwise[field] ?? field)
    .replace(/^page\./, '')
    .replaceAll(/_us\b/g, '')
    .replaceAll(/_px\b/g, '_price')
    .replaceAll(/\bqty\b/g, 'quantity')
    .replaceAll(/_qty\b/g, '_quantity')
    .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What went wrong, in words: where they begin with the input, it is called as in its path. */
export function inputMessage({ field, message }: { readonly field: string; readonly message: string }): string {
  const named = `${field}: `;
  if (field === '' || !message.startsWith(named)) return message;
  const path = inputPath(field);
  return path === '' ? message.slice(named.length) : `${path}: ${message.slice(named.length)}`;
}

const calledOtherwise: Readonly<Record<string, string>> = {
  funding_id: 'id',
  group_id: 'id',
  group_ids: 'ids',
  key: 'clientOrderId',
  order_ids: 'ids',
  session_id: 'id',
  // The gateway fills these in itself.
  bounds_us: '',
  except_session_id: '',
  permission: '',
  replaces: '',
  user_ids: '',
};
