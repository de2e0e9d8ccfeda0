import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * How large a document may be, whatever it asks for; what its lists may return is counted in query-cost.ts. All of it is
 * counted before the document is validated: validation compares each field with every other of the same response name, so
 * what is refused only afterwards has already cost its square.
 */
export const MAX_TOKENS = 1000;
export const MAX_DEPTH = 8;
export const MAX_ALIASES = 15;
/** Fields, counted as often as their fragments are spread. */
export const MAX_FIELDS = 500;
/** Fields under one path of the response: members of a union share names, nothing else has a reason to. */
export const MAX_SAME_PATH = 40;
export const MAX_FRAGMENTS = 50;

export interface DocumentSize {
  /** What validating it takes: fields to visit, and pairs of fields to compare. */
  readonly work: number;
}

/** The size of a document, or why it is refused. */
export function measureDocument(document: DocumentNode): DocumentSize | GraphQLError {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  if (fragments.size > MAX_FRAGMENTS) {
    return limitError(
      'too_many_fragments',
      `the document has ${fragments.size} fragments; ${MAX_FRAGMENTS} are allowed`,
    );
  }
  const walk = new Walk(fragments);
  for (const { selectionSet } of operations) {
    const refusal = walk.operation(selectionSet);
    if (refusal !== undefined) return refusal;
  }
  // A fragment that nothing spreads is validated all the same.
  for (const [name, { selectionSet }] of fragments) {
    if (walk.spread.has(name)) continue;
    const refusal = walk.operation(selectionSet);
    if (refusal !== undefined) return refusal;
  }
  return { work: walk.steps + walk.comparisons };
}

/** Fields of one path of the response, whichever selections they come from. */
interface Merged {
  count: number;
  readonly below: Map<string, Merged>;
}

class Walk {
  steps = 0;
  comparisons = 0;
  readonly spread = new Set<string>();
  #aliases = 0;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #within: string[] = [];

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  operation(selections: SelectionSetNode): GraphQLError | undefined {
    this.#aliases = 0;
    return this.#selections(selections, { count: 0, below: new Map() }, 1);
  }

  /** Depth is undefined inside introspection, which is deep by nature and is switched on or off as a whole. */
  #selections(set: SelectionSetNode, merged: Merged, depth: number | undefined): GraphQLError | undefined {
    for (const selection of set.selections) {
      this.steps += 1;
      if (this.steps > MAX_FIELDS) {
        return limitError('too_many_fields', `the document has more than the ${MAX_FIELDS} fields that are allowed`);
      }
      const refusal =
        selection.kind === Kind.FIELD
          ? this.#field(selection.name.value, selection.alias?.value, selection.selectionSet, merged, depth)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.#selections(selection.selectionSet, merged, depth)
            : this.#fragment(selection.name.value, merged, depth);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #field(
    name: string,
    alias: string | undefined,
    selections: SelectionSetNode | undefined,
    parent: Merged,
    depth: number | undefined,
  ): GraphQLError | undefined {
    if (alias !== undefined && (this.#aliases += 1) > MAX_ALIASES) {
      return limitError('too_many_aliases', `the query has more than the ${MAX_ALIASES} aliases that are allowed`);
    }
    const own = name.startsWith('__') ? undefined : depth;
    if (own !== undefined && own > MAX_DEPTH) {
      return limitError('too_deep', `the query has more than the ${MAX_DEPTH} levels that are allowed`);
    }
    const responseName = alias ?? name;
    let merged = parent.below.get(responseName);
    if (merged === undefined) parent.below.set(responseName, (merged = { count: 0, below: new Map() }));
    this.comparisons += merged.count;
    merged.count += 1;
    if (merged.count > MAX_SAME_PATH) {
      return limitError('too_repetitive', `a field is asked for more than the ${MAX_SAME_PATH} times that are allowed`);
    }
    if (selections === undefined) return undefined;
    return this.#selections(selections, merged, own === undefined ? undefined : own + 1);
  }

  #fragment(name: string, merged: Merged, depth: number | undefined): GraphQLError | undefined {
    const fragment = this.#fragments.get(name);
    // One that is not there, or contains itself, is refused by validation in better words.
    if (fragment === undefined || this.#within.includes(name)) return undefined;
    this.spread.add(name);
    this.#within.push(name);
    const refusal = this.#selections(fragment.selectionSet, merged, depth);
    this.#within.pop();
    return refusal;
  }
}

function limitError(reason: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_ARGUMENT', reason } });
}
