import type { StoredMessage } from './encode-report.ts';
import type { LoggedMessage } from './read-log.ts';

/** A command that nobody can make sense of: it is set aside as it came, with the reason, and the log goes on. */
export function deadLetter(
  partition: number,
  { sequence, atUs, subject, payload }: LoggedMessage,
  why: string,
): StoredMessage {
  const id = `engine-${partition}-${sequence}`;
  return {
    subject: `dead.engine-${partition}.${subject}`,
    id,
    type: 'andvari.engine.v1.Command',
    atUs,
    payload,
    headers: { 'dead-letter-id': id, 'dead-letter-error': why.replaceAll(/[\r\n]+/g, ' ') },
  };
}
