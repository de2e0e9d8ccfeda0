export interface EventOptions {
  name: string;
  package: string;
  file: string;
  subject: string;
  stream: string;
  comment: string;
}

/** `ProfileUpdated` becomes `profileUpdated: EventType<ProfileUpdated>`, ready for the outbox and for consumers. */
export function eventsSource(events: EventOptions[]): string {
  const files = [...new Set(events.map(({ file }) => file))].toSorted();
  const imports = files.map((file) => {
    const names = events.filter((event) => event.file === file).map(({ name }) => name);
    return `import { ${names.toSorted().join(', ')} } from './${file.replace(/\.proto$/, '.ts')}';`;
  });
  const constants = events.map(
    ({ name, package: pkg, stream, subject }) =>
      `export const ${camelCase(name)}: EventType<${name}> = {\n` +
      `  type: '${pkg}.${name}',\n  stream: '${stream}',\n  subject: '${subject}',\n  codec: ${name},\n};\n`,
  );
  const streams = [...new Set(events.map(({ stream }) => stream))].toSorted();
  const subjects = streams.map((stream) => {
    const roots = events.filter((event) => event.stream === stream).map(({ subject }) => `${subject.split('.')[0]}.>`);
    return `  ${stream}: [${[...new Set(roots)].map((root) => `'${root}'`).join(', ')}],`;
  });
  return [
    '// Generated from proto/; change the contracts instead.',
    "import type { EventType } from '../src/event-type.ts';",
    ...imports,
    '',
    "export type { Codec, EventType } from '../src/event-type.ts';",
    '',
    '/** Every stream with the subjects it keeps. */',
    `export const streamSubjects = {\n${subjects.join('\n')}\n} as const;`,
    '',
    ...constants,
  ].join('\n');
}

export function eventsPage(events: EventOptions[]): string {
  const streams = [...new Set(events.map(({ stream }) => stream))].toSorted();
  const sections = streams.map((stream) => {
    const rows = events
      .filter((event) => event.stream === stream)
      .map(
        ({ name, package: pkg, subject, comment }) => `| \`${subject}\` | \`${pkg}.${name}\` | ${oneLine(comment)} |`,
      );
    return `## ${stream}\n\n| subject | message | when |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [
    '# Events',
    '',
    'Generated from `proto/` by `make gen`; the contracts are the place to change it.',
    '',
    'Every event is a protobuf message with CloudEvents attributes in its NATS headers (`ce-id`, `ce-type`, `ce-source`,',
    '`ce-time`) and a `traceparent`. A consumer may see any of them twice and drops repetitions by `ce-id`.',
    '',
    ...sections,
  ].join('\n');
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function oneLine(comment: string): string {
  return comment.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
