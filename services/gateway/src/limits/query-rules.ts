import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** How large a document may be, whatever it asks for. What its lists may return is counted in query-cost.ts. */
export const MAX_TOKENS = 1000;
export const MAX_DEPTH = 8;
export const MAX_ALIASES = 15;

/** Introspection is deep by nature and is switched on or off as a whole. */
export function depthRule(context: ValidationContext): ASTVisitor {
  return perOperation(context, (selections) => {
    const depth = measure(context, selections, (node, below) => (node.name.startsWith('__') ? 0 : 1 + below), Math.max);
    return depth > MAX_DEPTH ? refused('too_deep', `the query is ${depth} levels deep; ${MAX_DEPTH} are allowed`) : [];
  });
}

/** Counted as often as their fragments are used: an alias in a fragment that is spread ten times is ten. */
export function aliasRule(context: ValidationContext): ASTVisitor {
  return perOperation(context, (selections) => {
    const count = measure(context, selections, (node, below) => (node.isAliased ? 1 : 0) + below, add);
    return count > MAX_ALIASES
      ? refused('too_many_aliases', `the query has ${count} aliases; ${MAX_ALIASES} are allowed`)
      : [];
  });
}

/** In production the schema is in the repository, not in the air. */
export function noIntrospectionRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.name.value === '__schema' || node.name.value === '__type') {
        context.reportError(refused('introspection_off', 'introspection is switched off')[0] as GraphQLError);
      }
    },
  };
}

function perOperation(
  context: ValidationContext,
  check: (selections: SelectionSetNode) => readonly GraphQLError[],
): ASTVisitor {
  return {
    OperationDefinition(node) {
      for (const error of check(node.selectionSet)) context.reportError(error);
    },
  };
}

interface Measured {
  name: string;
  isAliased: boolean;
}

/** Folds over everything a selection reaches. A fragment is measured once; one that contains itself is refused elsewhere. */
function measure(
  context: ValidationContext,
  selections: SelectionSetNode,
  ofField: (field: Measured, below: number) => number,
  combine: (left: number, right: number) => number,
): number {
  const known = new Map<FragmentDefinitionNode, number>();
  const of = (set: SelectionSetNode): number => {
    let total = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? 0 : of(selection.selectionSet);
        total = combine(
          total,
          ofField({ name: selection.name.value, isAliased: selection.alias !== undefined }, below),
        );
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        total = combine(total, of(selection.selectionSet));
      } else {
        const fragment = context.getFragment(selection.name.value);
        if (fragment === undefined || fragment === null) continue;
        if (!known.has(fragment)) {
          known.set(fragment, 0);
          known.set(fragment, of(fragment.selectionSet));
        }
        total = combine(total, known.get(fragment) ?? 0);
      }
    }
    return total;
  };
  return of(selections);
}

function add(left: number, right: number): number {
  return left + right;
}

function refused(reason: string, message: string): GraphQLError[] {
  return [new GraphQLError(message, { extensions: { code: 'INVALID_ARGUMENT', reason } })];
}
