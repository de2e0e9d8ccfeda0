import { graphql } from '../../api/generated/gql.ts';

export const InstrumentView = graphql(`
  query InstrumentView($symbol: String!) {
    instrument(symbol: $symbol) { ...InstrumentFields quote { ...QuoteFields } }
  }
`);

export const Bars = graphql(`
  query Bars($symbol: String!, $timeframe: Timeframe!, $from: DateTime, $to: DateTime, $first: Int!, $after: String) {
    bars(symbol: $symbol, timeframe: $timeframe, from: $from, to: $to, latestFirst: true, first: $first, after: $after) {
      symbol timeframe times open high low close volume lastIsLive endCursor hasNextPage
    }
  }
`);

export const TicketAccount = graphql(`
  query TicketAccount($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      currency
      status
      buyingPower { amount currency }
      holdings(first: 100) { nodes { ...HoldingFields } }
      feeSchedule { id perOrder perShare basisPoints minimum maximum }
    }
  }
`);

export const Preview = graphql(`
  query Preview($input: PlaceOrderInput!) {
    previewOrder(input: $input) {
      __typename
      ... on OrderPreview {
        quantity fillsQuantity restsQuantity averagePrice worstPrice notional slippageRatio maximumFee reserved reservedAsset
        availableBefore availableAfter collarPrice asOf
        refusals { __typename code message ... on InvalidOrder { field } ... on InvalidInput { field } }
        warnings { code message }
      }
      ... on Refusal { code message }
      ... on InvalidOrder { field }
      ... on InvalidInput { field }
    }
  }
`);

export const OwnOrders = graphql(`
  query OwnOrders($accountId: ID!, $symbol: String!) {
    account(id: $accountId) {
      id
      accountId
      orders(filter: { state: OPEN, symbol: $symbol }, first: 50) { nodes { ...OrderFields } pageInfo { hasNextPage endCursor } }
    }
  }
`);

export const OwnFills = graphql(`
  query OwnFills($accountId: ID!, $symbol: String!) {
    account(id: $accountId) {
      id
      accountId
      executions(filter: { symbol: $symbol }, first: 100) {
        nodes { id side quantity price executedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const SideLists = graphql(`
  query SideLists {
    watchlists(first: 20) { nodes { id name symbols version } }
  }
`);

export const SideQuotes = graphql(`
  query SideQuotes($symbols: [String!]!) {
    quotes(symbols: $symbols) { ...QuoteFields }
  }
`);

export const TrailNow = graphql(`
  query TrailNow($orderId: ID!) {
    order(id: $orderId) {
      id
      version
      explanation { asOf reasons { code facts { name decimal } } }
    }
  }
`);
