import { z } from 'zod';

/** One variable of a shape, in words for a reference. */
export interface VariableDescription {
  readonly name: string;
  /** What it should be, as a mistake is told: `a port number from 0 to 65535`. */
  readonly should: string;
  readonly otherwise: Otherwise;
}

/** What holds where it is not given. */
export type Otherwise =
  | { readonly kind: 'required' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'default'; readonly value: unknown };

/** Describes the shape that `readVariables` reads by. */
export function describeVariables(shape: z.ZodRawShape): VariableDescription[] {
  return Object.entries(shape).map(([name, type]) => {
    const { inner, otherwise } = unwrapped(type as z.ZodType);
    return { name, should: shouldBe(inner), otherwise };
  });
}

function unwrapped(type: z.ZodType): { inner: z.ZodType; otherwise: Otherwise } {
  if (type instanceof z.ZodDefault) {
    return { inner: type.def.innerType as z.ZodType, otherwise: { kind: 'default', value: type.def.defaultValue } };
  }
  if (type instanceof z.ZodPrefault) {
    return { inner: type.def.innerType as z.ZodType, otherwise: { kind: 'default', value: type.def.defaultValue } };
  }
  if (type instanceof z.ZodOptional) return { inner: type.def.innerType as z.ZodType, otherwise: { kind: 'absent' } };
  // A default before a transformation is in the words of the environment.
  if (type instanceof z.ZodPipe && type.def.in instanceof z.ZodDefault) return unwrapped(type.def.in);
  return { inner: type, otherwise: { kind: 'required' } };
}

/** What a type complains of when there is nothing. */
function shouldBe(type: z.ZodType): string {
  return type.safeParse(undefined).error?.issues[0]?.message ?? 'anything';
}
