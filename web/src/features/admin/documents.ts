import { graphql } from '../../api/generated/gql.ts';

export const Trail = graphql(`
  query Trail($filter: AuditFilter, $first: Int!, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
      nodes { id sequence occurredAt actor action entity result address traceId hash }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const CheckTrail = graphql(`
  query CheckTrail {
    verifyAudit(limit: 10000) { checked intact firstBadSequence problem nextSequence }
  }
`);

export const Halt = graphql(`
  mutation Halt($input: HaltSymbolInput!) {
    haltSymbol(input: $input) {
      __typename
      ... on Instrument { ...InstrumentFields }
      ... on Refusal { message }
    }
  }
`);

export const Resume = graphql(`
  mutation Resume($symbol: String!) {
    resumeSymbol(symbol: $symbol) {
      __typename
      ... on Instrument { ...InstrumentFields }
      ... on Refusal { message }
    }
  }
`);

export const Grant = graphql(`
  mutation Grant($input: GrantRoleInput!) {
    grantRole(input: $input) {
      __typename
      ... on Grant { id role grantedAt expiresAt }
      ... on Refusal { message }
    }
  }
`);
