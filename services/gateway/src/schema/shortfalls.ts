import { type Builder, builder } from './builder.ts';
import { isA, Refusal, RefusalError } from './refusals.ts';

type ObjectFieldBuilder<T extends Shortfall> = PothosSchemaTypes.ObjectFieldBuilder<Builder['$inferSchemaTypes'], T>;

/** There is not enough of something; each with the numbers that a person needs. */
export class Shortfall extends RefusalError {
  /** Whose it is, where the numbers need a currency. */
  accountId = '';

  get required(): bigint {
    return this.numbers['required'] ?? this.numbers['needed'] ?? 0n;
  }

  get shortBy(): bigint | null {
    const { short_by: shortBy, available } = this.numbers;
    return shortBy ?? (available === undefined ? null : this.required - available);
  }
}

export class InsufficientFunds extends Shortfall {}
export class InsufficientShares extends Shortfall {}

builder.objectType(InsufficientFunds, {
  name: 'InsufficientFunds',
  isTypeOf: isA(InsufficientFunds),
  description: 'There is not enough money that nothing else holds.',
  interfaces: [Refusal],
  fields: shortfallFields,
});

builder.objectType(InsufficientShares, {
  name: 'InsufficientShares',
  isTypeOf: isA(InsufficientShares),
  description: 'There are not enough shares that nothing else holds.',
  interfaces: [Refusal],
  fields: shortfallFields,
});

export function shortfallFields<T extends Shortfall>(t: ObjectFieldBuilder<T>) {
  return {
    required: t.field({ type: 'Decimal', description: 'How much it takes.', resolve: (it) => it.required }),
    available: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'How much there is; null where nobody said.',
      resolve: (it) => it.numbers['available'] ?? null,
    }),
    shortBy: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'How much is missing; null where nobody said.',
      resolve: (it) => it.shortBy,
    }),
  };
}
