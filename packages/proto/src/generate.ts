import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventOptions, eventsPage, eventsSource } from './event-catalogue.ts';

/**
 * Makes everything that follows from the contracts: message code, the descriptors that reflection serves, the typed
 * catalogue of events, and its page in docs/.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const generated = join(root, 'packages/proto/gen');

buf('generate');
mkdirSync(generated, { recursive: true });
buf('build', '-o', join(generated, 'descriptors.binpb'));

const image = JSON.parse(buf('build', '-o', '-#format=json')) as { file: DescribedFile[] };
const events = image.file.flatMap(eventsOf);
writeFileSync(join(generated, 'events.ts'), eventsSource(events));
writeIfChanged(join(root, 'docs/events.md'), eventsPage(events));

interface DescribedFile {
  name: string;
  package: string;
  messageType?: { name: string; options?: { '[andvari.common.v1.event]'?: { subject: string; stream: string } } }[];
  sourceCodeInfo?: { location: { path: number[]; leadingComments?: string }[] };
}

function eventsOf(file: DescribedFile): EventOptions[] {
  const MESSAGE_TYPE_FIELD = 4;
  return (file.messageType ?? []).flatMap((message, index) => {
    const event = message.options?.['[andvari.common.v1.event]'];
    if (event === undefined) return [];
    const comment = file.sourceCodeInfo?.location.find(
      ({ path }) => path?.length === 2 && path[0] === MESSAGE_TYPE_FIELD && path[1] === index,
    )?.leadingComments;
    return [{ ...event, name: message.name, package: file.package, file: file.name, comment: (comment ?? '').trim() }];
  });
}

function buf(...args: string[]): string {
  return execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Leaves the time stamp alone where nothing changed, so that caches keyed on files stay warm. */
function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  writeFileSync(path, text);
}
