import { readFileSync } from 'node:fs';
import { type GraphQLEnumType, isEnumType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';

/** Where each set of words is defined: a service that says one more is found here, before a client sees `UNKNOWN`. */
const services = new URL('../../', import.meta.url);
const schema = buildSchema();

const sets: [name: string, file: string, part: RegExp, added?: string[]][] = [
  ['NotificationKind', 'user/src/domain/notification.ts', /notificationKinds = \[([^\]]+)\]/],
  ['Colours', 'user/src/domain/preferences.ts', /colours: \[([^\]]+)\]/],
  ['Density', 'user/src/domain/preferences.ts', /density: \[([^\]]+)\]/],
  ['ChartView', 'user/src/domain/preferences.ts', /chartView: \[([^\]]+)\]/],
  ['DeletionObstacle', 'user/src/ports/obstacles.ts', /accountObstacle([\s\S]+?)\n}\n/],
  ['RoleName', 'security/migrations/0002_roles_data.sql', /insert into roles([\s\S]+?false\);)/],
  ['OrderActor', 'order/src/app/change-request.ts', /kind: ('user'[^;]+);/, ['engine']],
  [
    'OrderEventKind',
    'order/src/messages/codes.ts',
    /reportTypeTo[^{]+\{([^}]+)\}/,
    ['placed', 'cancel_requested', 'replace_requested'],
  ],
  ['OrderReason', 'engine/src/domain/codes.ts', /const Reason = \{([^}]+)\}/],
  ['ReportMisfit', 'order/src/domain/life.ts', /type Misfit =([\s\S]+?)\n\n/, ['order_not_there_yet']],
  ['ReservationState', 'portfolio/src/domain/reservation.ts', /readonly state: ([^;]+);/],
  ['LedgerChange', 'gateway/src/live/account-feed.ts', /readonly what:\s+([^;]+);/],
];

describe('a closed set of words is the one of its service', () => {
  test.each(sets)('%s', (name, file, part, added = []) => {
    const [, text = ''] = part.exec(readFileSync(new URL(file, services), 'utf8')) ?? [];
    const words = [...wordsIn(text), ...added].filter((word) => word !== 'none');
    expect(words.length).toBeGreaterThan(1);
    expect(new Set(wordsOf(name))).toEqual(new Set(words));
  });
});

/** What stands in quotes without a blank, or before a number or a name of the contracts. */
function wordsIn(text: string): string[] {
  const code = text.replaceAll(/\/\/.*|\/\*\*[^*]*\*\//g, ' ');
  const quoted = [...code.matchAll(/'([a-z][a-z_.]*)'/g)].map(([, word = '']) => word);
  return quoted.length > 0 ? quoted : [...code.matchAll(/^\s*(\w+): /gm)].map(([, word = '']) => word);
}

function wordsOf(name: string): string[] {
  const type = schema.getType(name);
  if (!isEnumType(type)) throw new Error(`${name} is no enum`);
  return (type satisfies GraphQLEnumType).getValues().flatMap(({ value }) => (value === '' ? [] : [String(value)]));
}
