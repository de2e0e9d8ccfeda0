import { createHash } from 'node:crypto';

/** uuid v5 of account and client id, so that every try of one request names one order, at every later step too. */
export function orderIdOf(accountId: string, clientOrderId: string): string {
  const hash = createHash('sha1').update(namespace).update(`${accountId}/${clientOrderId}`, 'utf8').digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Of orders; any other fixed one would do, but it may never change. */
const namespace = Buffer.from('6f9619ff8b864d01b42d00c04fc964ff', 'hex');
