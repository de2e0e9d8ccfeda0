import { REPLAYED } from '@andvari/kit/events/replayed';
import type { StreamMessage } from '@andvari/kit/nats/read-log';

/** What is published again was told when it happened, or lies behind a position that is lost and told to be. */
export function isNews({ header }: Pick<StreamMessage, 'header'>): boolean {
  return header(REPLAYED) === '';
}
