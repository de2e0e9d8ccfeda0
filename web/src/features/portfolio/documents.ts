import { graphql } from '../../api/generated/gql.ts';

export const Holdings = graphql(`
  query Holdings($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      currency
      holdings(first: 100) { nodes { ...HoldingFields instrument { id name sector tick } } }
    }
  }
`);

export const Standing = graphql(`
  query Standing($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      currency
      summary { currency cash marketValue equity costBasis unrealizedPnl realizedPnl dayPnl netPaidIn staleSymbols }
    }
  }
`);

export const History = graphql(`
  query History($accountId: ID!, $period: HistoryPeriod!) {
    account(id: $accountId) {
      id
      accountId
      currency
      history(period: $period) {
        baseValue baseNetPaidIn timeWeightedReturn stepSeconds
        points { at equity cashFlow }
      }
    }
  }
`);

export const Lots = graphql(`
  query Lots($accountId: ID!, $symbol: String!) {
    account(id: $accountId) {
      id
      accountId
      currency
      lots(symbol: $symbol, first: 50) {
        nodes { id symbol quantityOpened quantityRemaining costOpened costRemaining realizedPnl openedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const Activities = graphql(`
  query Activities($accountId: ID!, $filter: ActivityFilter, $first: Int!, $after: String) {
    account(id: $accountId) {
      id
      accountId
      currency
      cash
      activities(filter: $filter, first: $first, after: $after) {
        nodes { id accountId type symbol quantity price amount currency realizedPnl orderId reference journalId occurredAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const StatementFiles = graphql(`
  query StatementFiles($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      currency
      statements(first: 100) { nodes { month path } }
    }
  }
`);
