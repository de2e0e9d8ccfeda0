import { type AppError, type ErrorCode, isAppError } from '@andvari/kit/base/errors';
import { typeBrandKey } from '@pothos/core';
import { type Builder, builder } from './builder.ts';
import { inputMessage, inputPath } from './input-path.ts';
import { Fact, factsOf } from './trading/facts.ts';

type ObjectFieldBuilder<T extends RefusalError> = PothosSchemaTypes.ObjectFieldBuilder<Builder['$inferSchemaTypes'], T>;

/**
 * The failures that a client is expected to handle, as types of their own. Each mutation names in its result those that
 * it knows; whatever else goes wrong is an error of the response.
 */
export const Refusal = builder.interfaceRef<Error>('Refusal').implement({
  description: 'Why something was not done.',
  fields: (t) => ({
    code: t.string({
      description: 'Which it is, for programs; stable: `insufficient_buying_power`.',
      // What arrives here is a stand-in of the error that has its members and not its class.
      resolve: (error) => (error as Partial<RefusalError>).code ?? 'internal',
    }),
    message: t.exposeString('message', { description: 'The same for people; may change.' }),
  }),
});

export class RefusalError extends Error {
  readonly code: string;
  readonly field: string;
  readonly numbers: Readonly<Record<string, bigint>>;
  readonly entity: string;
  constructor(cause: AppError) {
    super(inputMessage(cause), { cause });
    this.name = new.target.name;
    this.code = cause.reason;
    this.field = inputPath(cause.field);
    this.numbers = cause.numbers;
    this.entity = cause.entity;
  }
}
export type RefusalClass = new (cause: AppError) => RefusalError;

export class InvalidInput extends RefusalError {}
export class NotFound extends RefusalError {}
/** It would have to be in another state for that. */
export class NotPossible extends RefusalError {}

/** An error as a value: GraphQL takes one that a resolver returns for one that it throws. */
export function asValue(refusal: Error): RefusalError {
  const get = (_: object, key: string | symbol): unknown =>
    key === typeBrandKey ? refusal.constructor : (Reflect.get(refusal, key, refusal) as unknown);
  return new Proxy({}, { get }) as RefusalError;
}

export function isA(Class: RefusalClass) {
  return (value: unknown): boolean =>
    value instanceof Class || (value as Record<symbol, unknown> | undefined)?.[typeBrandKey] === Class;
}

/** Where the fault is, and the numbers that it comes from. */
function fieldAndFacts<T extends RefusalError>(t: ObjectFieldBuilder<T>) {
  return {
    field: t.string({
      description: 'The input at fault, as a path within the arguments: `legs[1].limitPrice`; may be empty.',
      resolve: ({ field }) => field,
    }),
    facts: t.field({
      type: [Fact],
      description: 'All numbers it comes from: `limit`, `used`.',
      resolve: ({ numbers }) => factsOf(numbers),
    }),
  };
}

builder.objectType(InvalidInput, {
  name: 'InvalidInput',
  description: 'An input is not as it should be; nothing was done.',
  isTypeOf: isA(InvalidInput),
  interfaces: [Refusal],
  fields: fieldAndFacts,
});
builder.objectType(NotFound, {
  name: 'NotFound',
  description: 'There is nothing of that id that the viewer may see; nothing was done.',
  isTypeOf: isA(NotFound),
  interfaces: [Refusal],
  fields: fieldAndFacts,
});
builder.objectType(NotPossible, {
  name: 'NotPossible',
  description: 'It would have to be in another state for that; nothing was done.',
  isTypeOf: isA(NotPossible),
  interfaces: [Refusal],
  fields: fieldAndFacts,
});

/** Told by `recent_sign_in_required`, wherever a service asks for it. */
export class ConfirmPassword extends RefusalError {}
builder.objectType(ConfirmPassword, {
  name: 'ConfirmPassword',
  description: 'The password was typed too long ago for this: confirm it at /auth/confirm and try again.',
  interfaces: [Refusal],
});

/** Declares one more kind of refusal, told by the reason that the service gives. */
export function refusalType(Class: RefusalClass, description: string): RefusalClass {
  builder.objectType(Class, { name: Class.name, description, isTypeOf: isA(Class), interfaces: [Refusal] });
  return Class;
}

const byCode: Partial<Record<ErrorCode, RefusalClass>> = {
  invalid_argument: InvalidInput,
  not_found: NotFound,
  failed_precondition: NotPossible,
  already_exists: NotPossible,
};

const everywhere: Readonly<Record<string, RefusalClass>> = { recent_sign_in_required: ConfirmPassword };

/** The errors option of a field, and the classes that its resolver may meet. */
export function refusals(...types: RefusalClass[]): { types: RefusalClass[] } {
  return { types: [InvalidInput, ...types] };
}

/** Does the work; a refusal that has a type becomes it, first by reason, then by code. */
export async function refusing<T>(work: Promise<T>, byReason: Readonly<Record<string, RefusalClass>> = {}): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const Class = byReason[error.reason] ?? everywhere[error.reason] ?? byCode[error.code];
    throw Class === undefined ? error : new Class(error);
  }
}
