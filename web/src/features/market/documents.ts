import { graphql } from '../../api/generated/gql.ts';

export const Lists = graphql(`
  query Lists {
    watchlists(first: 20) { nodes { id name symbols version } }
  }
`);

export const MarketQuotes = graphql(`
  query MarketQuotes($symbols: [String!]!) {
    quotes(symbols: $symbols) { ...QuoteFields }
  }
`);

export const Catalogue = graphql(`
  query Catalogue($first: Int!, $after: String, $filter: InstrumentFilter) {
    instruments(first: $first, after: $after, filter: $filter) {
      nodes { ...InstrumentFields }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const WholeMarket = graphql(`
  query WholeMarket {
    instruments(first: 100, filter: { currency: "USD" }) { nodes { id symbol sector } pageInfo { hasNextPage endCursor } }
  }
`);

export const Calendar = graphql(`
  query Calendar($fromDate: String!, $toDate: String!) {
    marketCalendar(fromDate: $fromDate, toDate: $toDate) {
      days { date opensAt closesAt earlyClose }
      holidays { date name }
    }
    marketClock { now state nextOpen nextClose alwaysOpen timeZone }
  }
`);

export const Movers = graphql(`
  query Movers($kind: MoversKind!) {
    movers(kind: $kind, first: 8) { nodes { symbol change changeRatio instrument { id name tick } quote { ...QuoteFields } } }
  }
`);

export const CreateList = graphql(`
  mutation CreateList($input: CreateWatchlistInput!) {
    createWatchlist(input: $input) {
      __typename
      ... on Watchlist { id name symbols version }
      ... on Refusal { message }
    }
  }
`);

export const UpdateList = graphql(`
  mutation UpdateList($input: UpdateWatchlistInput!) {
    updateWatchlist(input: $input) {
      __typename
      ... on Watchlist { id name symbols version }
      ... on Refusal { message }
    }
  }
`);

export const ReorderLists = graphql(`
  mutation ReorderLists($ids: [ID!]!) {
    reorderWatchlists(ids: $ids) {
      __typename
      ... on ReorderedWatchlists { watchlists { id name symbols version } }
      ... on Refusal { message }
    }
  }
`);

export const DeleteList = graphql(`
  mutation DeleteList($id: ID!) {
    deleteWatchlist(id: $id) {
      __typename
      ... on DeletedWatchlist { deletedId }
      ... on Refusal { message }
    }
  }
`);
