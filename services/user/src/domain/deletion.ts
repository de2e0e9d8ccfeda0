/** The end of an account. Each state says what the next step is, so that whoever finds it after a crash can go on. */
export type Deletion = { readonly userId: string; readonly requestedAtUs: bigint } & (
  | { readonly state: 'requested' | 'checking' }
  | { readonly state: 'refused'; readonly reason: string; readonly finishedAtUs: bigint }
  | { readonly state: 'erasing'; readonly pseudonym: string; readonly waitingFor: readonly string[] }
  | { readonly state: 'completed'; readonly finishedAtUs: bigint }
);

export type DeletionEvent =
  | { readonly type: 'requested' }
  | { readonly type: 'check_begun' }
  /** What still stands in the way; undefined when nothing does. */
  | {
      readonly type: 'checked';
      readonly obstacle: string | undefined;
      readonly pseudonym: string;
      readonly services: readonly string[];
    }
  /** A service has erased its part. */
  | { readonly type: 'erased'; readonly service: string }
  /** Nobody is waited for any more, and our own part is erased in the same transaction. */
  | { readonly type: 'erased_here' };

/**
 * The state after an event, or undefined where the event changes nothing: it came twice, or too late. A refused request
 * may be made again, an account that is gone is gone.
 */
export function afterEvent(
  current: Deletion | undefined,
  userId: string,
  event: DeletionEvent,
  atUs: bigint,
): Deletion | undefined {
  switch (event.type) {
    case 'requested':
      if (current !== undefined && current.state !== 'refused') return undefined;
      return { userId, state: 'requested', requestedAtUs: atUs };
    case 'check_begun':
      return current?.state === 'requested' ? { ...base(current), state: 'checking' } : undefined;
    case 'checked':
      if (current?.state !== 'checking') return undefined;
      if (event.obstacle !== undefined) {
        return { ...base(current), state: 'refused', reason: event.obstacle, finishedAtUs: atUs };
      }
      return { ...base(current), state: 'erasing', pseudonym: event.pseudonym, waitingFor: event.services };
    case 'erased':
      if (current?.state !== 'erasing' || !current.waitingFor.includes(event.service)) return undefined;
      return { ...current, waitingFor: current.waitingFor.filter((service) => service !== event.service) };
    case 'erased_here':
      if (current?.state !== 'erasing' || current.waitingFor.length > 0) return undefined;
      return { ...base(current), state: 'completed', finishedAtUs: atUs };
  }
}

export function isReadyToComplete(deletion: Deletion): boolean {
  return deletion.state === 'erasing' && deletion.waitingFor.length === 0;
}

function base({ userId, requestedAtUs }: Deletion) {
  return { userId, requestedAtUs };
}

const FIRST_RETRY_US = 1_000_000n;
const LAST_RETRY_US = 600_000_000n;

/** Twice as long each time, up to ten minutes: a neighbour that is away for a weekend is not asked every second. */
export function nextStepAtUs(atUs: bigint, attempts: number): bigint {
  const delayUs = FIRST_RETRY_US << BigInt(Math.min(attempts, 10));
  return atUs + (delayUs > LAST_RETRY_US ? LAST_RETRY_US : delayUs);
}
