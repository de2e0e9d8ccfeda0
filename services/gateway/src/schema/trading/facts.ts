import { MICRO } from '@andvari/money';
import { builder } from '../builder.ts';
import { inputPath } from '../input-path.ts';
import { timeOrNull } from '../scalars.ts';
import { OrderStatus } from './enums.ts';

/** A number of the contracts, told by its name: `…_us` is a moment, `status` a status, all else in micro-units. */
export interface NamedNumber {
  readonly name: string;
  readonly value: bigint;
}

export function factsOf(numbers: Readonly<Record<string, bigint>>): NamedNumber[] {
  return Object.entries(numbers).map(([name, value]) => ({ name, value }));
}

const TIME = /_us$/;
/** Numbers of the contracts that are whole: the version that a thing has now, how many legs a group has, and milliseconds to wait. */
const COUNTS: ReadonlySet<string> = new Set(['current', 'legs', 'retry_after_ms']);

export const Fact = builder.objectRef<NamedNumber>('Fact').implement({
  description: 'A number that explains something: a decimal, a moment or a status, by what it is.',
  fields: (t) => ({
    name: t.string({ description: 'What it is: `shortBy`.', resolve: ({ name }) => inputPath(name.replace(TIME, '')) }),
    decimal: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'As a number.',
      resolve: ({ name, value }) => {
        if (TIME.test(name) || name === 'status') return null;
        return COUNTS.has(name) ? value * MICRO : value;
      },
    }),
    time: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'As a moment.',
      resolve: ({ name, value }) => (TIME.test(name) ? timeOrNull(value) : null),
    }),
    status: t.field({
      type: OrderStatus.type,
      nullable: true,
      description: 'As the status of an order.',
      resolve: ({ name, value }) => (name === 'status' ? OrderStatus.from(Number(value)) : null),
    }),
  }),
});

interface Explained {
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, bigint>>;
}

export const Explanation = builder.objectRef<Explained>('Explanation').implement({
  description: 'One reason, with the numbers that it comes from.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Which it is, for programs; stable: `away_from_touch`.' }),
    message: t.exposeString('message', { description: 'The same for people; may change.' }),
    facts: t.field({ type: [Fact], description: 'Its numbers.', resolve: ({ numbers }) => factsOf(numbers) }),
  }),
});
