import { type GraphQLSchema, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';

const ofArguments: Record<string, string> = {
  first: 'How many rows: 20 where it is left out, 100 at the most.',
  after: 'The cursor behind which the page begins: `pageInfo.endCursor` of the page before.',
  id: 'The global id.',
  input: 'What to do.',
};

const ofConnections: Record<string, string> = {
  edges: 'The rows with a cursor each.',
  nodes: 'The rows alone.',
  pageInfo: 'Where the page ends, and whether there is more.',
  cursor: 'Give it as `after`, and the page begins behind this row.',
  node: 'The row.',
  hasNextPage: 'Whether there are rows behind it.',
  hasPreviousPage: 'Whether there are rows before it.',
  startCursor: 'The cursor of its first row; null where it is empty.',
  endCursor: 'The cursor of its last row, for `after`; null where it is empty.',
};

const ofTypes: Record<string, string> = {
  Query: 'What can be asked.',
  Mutation: 'What can be changed. What may be refused is part of each result.',
  Subscription: 'What can be listened to.',
  Node: 'Whatever has a global id.',
  PageInfo: 'Where a page of a list lies.',
};

/** Gives what all lists, results and ids have in common its description, where nobody has given it a better one. */
export function describeCommon(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    const isList = /(?:Connection|Edge|PageInfo)$/.test(type.name);
    if (isUnionType(type)) type.description ??= 'What came of it, or why it was refused.';
    if (type.name.endsWith('Connection')) type.description ??= 'A page of a list.';
    if (type.name.endsWith('Edge')) type.description ??= 'A row of a list and its place.';
    type.description ??= ofTypes[type.name];
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (isList) field.description ??= ofConnections[field.name];
      if (field.name === 'id' && !isInputObjectType(type)) field.description ??= 'The global id: `node(id:)` takes it.';
      if ('args' in field) for (const argument of field.args) argument.description ??= ofArguments[argument.name];
    }
  }
  return schema;
}
