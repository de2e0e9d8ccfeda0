import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';

/** A request for messages is good for so long where none come. */
const PULL_EXPIRES_MS = 30_000;
/** One that was lost is noticed after two of these that are missed. */
const HEARTBEAT_MS = 5000;

export interface Receiver {
  /** How many messages may be here or on their way. */
  maxWaiting: number;
  take: (message: JsMsg) => void;
  /** Called once, when the sequence is broken, `take` has thrown, or nothing more comes; nothing is taken after it. */
  end: (why: unknown) => void;
}

/**
 * Subscription to a pull consumer: its messages in its order, without gaps. Whatever could leave one out ends it, and whoever
 * reads starts again from where they are.
 */
export async function receive(
  consumer: Consumer,
  { maxWaiting, take, end }: Receiver,
): Promise<{ close(): Promise<unknown> }> {
  let expected = 1;
  let over = false;
  const finish = (why: unknown): void => {
    if (over) return;
    over = true;
    end(why);
  };
  const messages = await consumer.consume({
    max_messages: maxWaiting,
    expires: PULL_EXPIRES_MS,
    idle_heartbeat: HEARTBEAT_MS,
    callback: (message) => {
      if (over) return;
      if (message.info.deliverySequence !== expected) return finish(new Error('messages were lost on the way'));
      expected += 1;
      try {
        take(message);
      } catch (error) {
        finish(error);
      }
    },
  });
  void watch(messages, finish);
  void messages.closed().then(() => finish(new Error('the subscription was closed')));
  return messages;
}

/** What the client merely mentions and goes on hoping is the end for us: starting again is quicker and surer. */
async function watch(messages: ConsumerMessages, end: (why: Error) => void): Promise<void> {
  for await (const { type } of messages.status()) {
    if (FATAL.has(type)) end(new Error(`the delivery broke: ${type.replaceAll('_', ' ')}`));
  }
}

const FATAL: ReadonlySet<string> = new Set([
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
  'heartbeats_missed',
  'no_responders',
]);
