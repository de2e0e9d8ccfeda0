import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/** Arguments of Relay for reading a list from its end, which no service can: who sees them would only be refused. */
const BACKWARDS: ReadonlySet<string> = new Set(['last', 'before']);

/** Lists are read forwards, by `first` and `after`; Relay asks for either way, not for both. */
export function forwardOnly(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      field.args = field.args.filter(({ name }) => !BACKWARDS.has(name));
    }
  }
  return schema;
}
