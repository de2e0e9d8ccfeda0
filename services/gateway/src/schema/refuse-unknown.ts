import { type GraphQLEnumType, GraphQLError, type GraphQLSchema, isEnumType, Kind, type ValueNode } from 'graphql';

const UNKNOWN = 'UNKNOWN';

/** `UNKNOWN` is a word of answers. Who gives it as an input is told where, and what may stand there, as with any word that is none. */
export function refuseUnknown(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type) || type.getValue(UNKNOWN) === undefined || type.getValue(UNKNOWN) === null) continue;
    const parseValue = type.parseValue.bind(type);
    const parseLiteral = type.parseLiteral.bind(type);
    type.parseValue = (given) => {
      if (given === UNKNOWN) throw notAnInput(type);
      return parseValue(given);
    };
    type.parseLiteral = (node, variables) => {
      if (node.kind === Kind.ENUM && node.value === UNKNOWN) throw notAnInput(type, node);
      return parseLiteral(node, variables);
    };
  }
  return schema;
}

function notAnInput(type: GraphQLEnumType, node?: ValueNode): GraphQLError {
  const allowed = type.getValues().flatMap(({ name }) => (name === UNKNOWN ? [] : [name]));
  return new GraphQLError(
    `${UNKNOWN} is no ${type.name} that can be asked for; should be one of ${allowed.join(', ')}`,
    {
      ...(node === undefined ? {} : { nodes: node }),
      extensions: { reason: 'enum_value_unknown' },
    },
  );
}
