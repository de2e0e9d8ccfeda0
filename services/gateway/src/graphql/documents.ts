import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import { MAX_TOKENS, measureDocument } from '../limits/document-limits.ts';

/** A document that may be executed, or everything that is wrong with it. */
export type CheckedDocument =
  | { readonly ok: true; readonly document: DocumentNode; readonly work: number }
  | { readonly ok: false; readonly errors: readonly GraphQLError[]; readonly work: number };

export interface Documents {
  /** `work` is what checking it took this time: nothing where the text is known. */
  check(text: string): CheckedDocument;
}

const REMEMBERED = 2000;
/** Longer than any that the limit on tokens lets through, but for comments and strings. */
const REMEMBERED_LENGTH = 10_000;
/** A parser that gives up has read this much at the most. */
const WORK_OF_A_REFUSAL = 100;

/**
 * Parses, measures and validates, in this order, and remembers what was good by its text. What was not good is not remembered:
 * it would push out what is asked every second.
 */
export function createDocuments(
  schema: GraphQLSchema,
  options: { introspection: boolean; validateDocument?: typeof validate },
): Documents {
  const { introspection, validateDocument = validate } = options;
  const rules: readonly ValidationRule[] = introspection ? specifiedRules : [...specifiedRules, noIntrospectionRule];
  const known = new Map<string, CheckedDocument>();

  const checked = (text: string): CheckedDocument => {
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: MAX_TOKENS });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { ok: false, errors: [error], work: WORK_OF_A_REFUSAL };
    }
    const size = measureDocument(document);
    if (size instanceof GraphQLError) return { ok: false, errors: [size], work: WORK_OF_A_REFUSAL };
    const errors = validateDocument(schema, document, rules);
    return errors.length > 0 ? { ok: false, errors, work: size.work } : { ok: true, document, work: size.work };
  };

  return {
    check(text) {
      const before = known.get(text);
      if (before !== undefined) return before;
      const made = checked(text);
      if (!made.ok || text.length > REMEMBERED_LENGTH) return made;
      if (known.size >= REMEMBERED) {
        const [oldest] = known.keys();
        if (oldest !== undefined) known.delete(oldest);
      }
      known.set(text, { ...made, work: 0 });
      return made;
    },
  };
}

/** In production the schema is in the repository, not in the air. */
function noIntrospectionRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.name.value !== '__schema' && node.name.value !== '__type') return;
      const extensions = { code: 'INVALID_ARGUMENT', reason: 'introspection_off' };
      context.reportError(new GraphQLError('introspection is switched off', { nodes: node, extensions }));
    },
  };
}
