import { builder } from './builder.ts';
import { Refusal, RefusalError } from './refusals.ts';

/** There is not enough of something; each with the numbers that a person needs. */
export class Shortfall extends RefusalError {
  /** Whose it is, where the numbers need a currency. */
  accountId = '';

  get required(): bigint {
    return this.numbers['required'] ?? this.numbers['needed'] ?? 0n;
  }

  get available(): bigint {
    return this.numbers['available'] ?? 0n;
  }

  get shortBy(): bigint {
    return this.numbers['short_by'] ?? this.required - this.available;
  }
}

export class InsufficientFunds extends Shortfall {}
export class InsufficientShares extends Shortfall {}

builder.objectType(InsufficientFunds, {
  name: 'InsufficientFunds',
  description: 'There is not enough money that nothing else holds.',
  interfaces: [Refusal],
  fields: (t) => ({
    required: t.field({ type: 'Decimal', description: 'What it takes.', resolve: (it) => it.required }),
    available: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What there is; null where nobody said.',
      resolve: (it) => it.numbers['available'] ?? null,
    }),
    shortBy: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What is missing; null where nobody said.',
      resolve: (it) => (it.numbers['available'] === undefined ? null : it.shortBy),
    }),
  }),
});

builder.objectType(InsufficientShares, {
  name: 'InsufficientShares',
  description: 'There are not enough shares that nothing else holds.',
  interfaces: [Refusal],
  fields: (t) => ({
    required: t.field({ type: 'Decimal', description: 'How many it takes.', resolve: (it) => it.required }),
    available: t.field({ type: 'Decimal', description: 'How many there are.', resolve: (it) => it.available }),
    shortBy: t.field({ type: 'Decimal', description: 'How many are missing.', resolve: (it) => it.shortBy }),
  }),
});
