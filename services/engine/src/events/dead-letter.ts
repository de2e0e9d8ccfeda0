import type { StoredMessage } from '../messages/encode-report.ts';
import type { LoggedMessage } from '../messages/logged-message.ts';

/** A letter is its command with more around it, and must not be what a server refuses to take: the log would stop there. */
const MAX_PAYLOAD = 512 * 1024;
const MAX_SUBJECT = 200;

/** A command that nobody can make sense of: it is set aside as it came, with the reason, and the log goes on. */
export function deadLetter(
  partition: number,
  { sequence, atUs, subject, payload }: LoggedMessage,
  why: string,
): StoredMessage {
  const id = `engine-${partition}-${sequence}`;
  const cut = payload.length > MAX_PAYLOAD ? { 'dead-letter-cut-from': String(payload.length) } : {};
  return {
    subject: `dead.engine-${partition}.${subject.slice(0, MAX_SUBJECT).replace(/\.$/, '')}`,
    id,
    type: 'andvari.engine.v1.Command',
    atUs,
    payload: payload.subarray(0, MAX_PAYLOAD),
    headers: { 'dead-letter-id': id, 'dead-letter-error': why.replaceAll(/[\r\n]+/g, ' '), ...cut },
  };
}
