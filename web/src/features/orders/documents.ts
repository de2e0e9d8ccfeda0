import { graphql } from '../../api/generated/gql.ts';

export const Blotter = graphql(`
  query Blotter($accountId: ID!, $filter: OrderFilter, $first: Int!, $after: String) {
    account(id: $accountId) {
      id
      accountId
      currency
      orders(filter: $filter, first: $first, after: $after) {
        nodes { ...OrderFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const OpenOrders = graphql(`
  query OpenOrders($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      blotterSummary { open }
    }
  }
`);

export const OrderStory = graphql(`
  query OrderDetail($orderId: ID!) {
    order(id: $orderId) {
      ...OrderFields
      history(first: 50) { id kind status lastQuantity lastPrice filledQuantity remainingQuantity reason actor occurredAt }
      executions(first: 50) { id execId quantity price amount liquidity executedAt }
      legs { ...OrderFields }
    }
  }
`);

export const WhyNot = graphql(`
  query WhyNot($orderId: ID!) {
    order(id: $orderId) {
      id
      version
      status
      explanation { asOf reasons { code message facts { name decimal time status } } }
    }
  }
`);

export const Cancel = graphql(`
  mutation Cancel($orderId: ID!) {
    cancelOrder(orderId: $orderId) {
      __typename
      ... on Order { ...OrderFields }
      ... on Refusal { code message }
    }
  }
`);

export const CancelAll = graphql(`
  mutation CancelAll($accountId: ID!, $symbol: String) {
    cancelAllOrders(accountId: $accountId, symbol: $symbol) {
      __typename
      ... on CancelledOrders { requested hasMore results { orderId order { ...OrderFields } refusal { message } } }
      ... on Refusal { code message }
    }
  }
`);
