import { dropDeadLetters, listDeadLetters } from '@andvari/kit/inbox/dead-letters';
import { OK, type SystemCommand, WRONG } from '../command.ts';
import { applyAgain } from '../repair/apply-again.ts';
import { CommandError, UsageError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';
import type { World } from '../world.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const ls: SystemCommand = {
  name: 'dead-letters ls',
  usage: '[DATABASE]',
  summary: 'Messages that a consumer could not apply, the oldest first, of one database or of all',
  words: { from: 0, to: 1 },
  options: { limit: { type: 'string' } },
  async run(world, { positionals, values }, print) {
    const limit = wholeNumber('--limit', values['limit'], { from: 1, to: 1000 }) ?? 100;
    const names = positionals.length > 0 ? positionals : Object.keys(world.places.databases);
    const found = await Promise.all(
      names.map(async (name) => {
        const letters = await listDeadLetters(world.db(name), { limit });
        return letters.map(({ id, consumer, subject, error, failedAt, attempts, requeued }) => {
          return {
            database: name,
            id,
            consumer,
            subject,
            failed_at: failedAt.toISOString(),
            attempts,
            requeued,
            error: error.slice(0, 120),
          };
        });
      }),
    );
    print.rows(found.flat(), 'There is no dead letter.');
    return found.flat().length === 0 ? OK : WRONG;
  },
};

const show: SystemCommand = {
  name: 'dead-letters show',
  usage: 'DATABASE ID',
  summary: 'One of them, with its headers, its whole error and its contents in hexadecimal',
  words: { from: 2, to: 2 },
  async run(world, { positionals: [name = '', id = ''] }, print) {
    const letter = await letterOf(world, name, id);
    const { consumer, subject, headers, error, failedAt, deliveries, attempts, requeued, payload } = letter;
    const contents = Buffer.from(payload).toString('hex');
    const failed = { failed_at: failedAt.toISOString(), deliveries, attempts, requeued };
    const shown = { id, consumer, subject, headers, error, ...failed, contents };
    print.outcome(
      Object.entries(shown)
        .map(([field, value]) => `${field.padEnd(10)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
        .join('\n'),
      shown,
    );
    return OK;
  },
};

const requeue: SystemCommand = {
  name: 'dead-letters requeue',
  usage: 'DATABASE ID…',
  summary: 'Has them applied by the consumer that could not, once it can: each once, and who fails again stays',
  words: { from: 2, to: 100 },
  changes: true,
  async run(world, { positionals: [name = '', ...ids] }, print) {
    ids.forEach(requireId);
    const { applied, failed, waiting } = await applyAgain(world.db(name), ids);
    print.outcome(
      `${applied.length} applied, ${failed.length} failed again, ${waiting.length} wait for their service.`,
      { requeued: ids, applied, failed, waiting },
    );
    return applied.length === ids.length ? OK : WRONG;
  },
};

const drop: SystemCommand = {
  name: 'dead-letters drop',
  usage: 'DATABASE ID…',
  summary: 'Deletes them for good: what they say will never be applied',
  words: { from: 2, to: 100 },
  changes: true,
  async run(world, { positionals: [name = '', ...ids] }, print) {
    ids.forEach(requireId);
    await dropDeadLetters(world.db(name), ids);
    print.outcome(`${ids.length} deleted.`, { dropped: ids });
    return OK;
  },
};

export const deadLetterCommands: readonly SystemCommand[] = [ls, show, requeue, drop];

async function letterOf(world: World, name: string, id: string) {
  requireId(id);
  // A page that begins right before it.
  const before = (BigInt(`0x${id.replaceAll('-', '')}`) - 1n).toString(16).padStart(32, '0');
  const after = before.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const [letter] = await listDeadLetters(world.db(name), { after, limit: 1 });
  if (letter?.id !== id) throw new CommandError(`${name} has no dead letter ${id}`);
  return letter;
}

function requireId(id: string): void {
  if (!UUID.test(id)) throw new UsageError(`${id} is not the id of a dead letter`);
}
