import { randomUUID } from 'node:crypto';
import { accessSync, createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Nats } from '@andvari/kit/nats/nats';
import { z } from 'zod';
import { CommandError } from '../system.ts';

/** Between two pieces of a backup, or of a restoring. */
const PATIENCE_MS = 30_000;
const PIECE = 128 * 1024;

const described = z.looseObject({
  config: z.looseObject({ name: z.string() }),
  state: z.looseObject({ messages: z.number(), last_seq: z.number() }),
});

/** A stream as it was at one moment, its configuration and numbers included, as the server packs it. */
export interface StreamBackup {
  stream: string;
  messages: number;
  lastSequence: number;
}

/** Into DIR/STREAM.tar.s2, with what the server says of it in DIR/STREAM.json; the form is that of `nats stream backup`. */
export async function backUpStream(nats: Nats, stream: string, folder: string): Promise<StreamBackup> {
  const { connection } = nats;
  const inbox = `_INBOX.backup.${randomUUID()}`;
  const file = createWriteStream(packed(stream, folder), { mode: 0o600 });
  const pieces = connection.subscribe(inbox, { timeout: PATIENCE_MS });
  const answer = await ask(nats, `STREAM.SNAPSHOT.${stream}`, {
    deliver_subject: inbox,
    // Those who read keep their own place, in their databases.
    no_consumers: true,
    chunk_size: PIECE,
  });
  for await (const piece of pieces) {
    if (piece.data.length === 0) break;
    file.write(piece.data);
    // The server goes on once it has heard that a piece has come.
    piece.respond();
  }
  file.end();
  await finished(file);
  const about = described.parse(answer);
  writeFileSync(join(folder, `${stream}.json`), JSON.stringify(about), { mode: 0o600 });
  return { stream, messages: about.state.messages, lastSequence: about.state.last_seq };
}

/** What a backup says of a stream, whose contents lie beside it. */
export type StreamDescription = z.infer<typeof described>;

/** Refuses a folder that holds something else, before anything is made of it. */
export function readDescription(stream: string, folder: string): StreamDescription {
  const file = join(folder, `${stream}.json`);
  try {
    accessSync(packed(stream, folder));
    return described.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new CommandError(`${file} is not of a backup of streams: ${why}`);
  }
}

/** Where there is no stream of that name: what a backup holds never mixes with what is there. */
export async function restoreStream(nats: Nats, about: StreamDescription, folder: string): Promise<StreamBackup> {
  const stream = about.config.name;
  const { deliver_subject: to } = z
    .looseObject({ deliver_subject: z.string() })
    .parse(await ask(nats, `STREAM.RESTORE.${stream}`, about));
  for await (const piece of createReadStream(packed(stream, folder), { highWaterMark: PIECE })) {
    const { data } = await nats.connection.request(to, piece as Buffer, { timeout: PATIENCE_MS });
    if (data.length > 0) refused(stream, Buffer.from(data).toString());
  }
  const { data } = await nats.connection.request(to, '', { timeout: PATIENCE_MS });
  answerOf(stream, Buffer.from(data).toString());
  return { stream, messages: about.state.messages, lastSequence: about.state.last_seq };
}

const packed = (stream: string, folder: string): string => join(folder, `${stream}.tar.s2`);

async function ask({ connection }: Nats, what: string, asked: object): Promise<unknown> {
  const { data } = await connection.request(`$JS.API.${what}`, JSON.stringify(asked), { timeout: PATIENCE_MS });
  return answerOf(what, Buffer.from(data).toString());
}

function answerOf(what: string, text: string): unknown {
  const answer: unknown = JSON.parse(text);
  const failed = z.looseObject({ error: z.looseObject({ description: z.string() }) }).safeParse(answer);
  return failed.success ? refused(what, failed.data.error.description) : answer;
}

function refused(what: string, why: string): never {
  throw new CommandError(`NATS refuses ${what}: ${why}`);
}
