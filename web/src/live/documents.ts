import { graphql } from '../api/generated/gql.ts';

export const Market = graphql(`
  subscription Market($quotes: [String!], $book: [String!], $trades: [String!], $levels: Int!) {
    market(quotes: $quotes, book: $book, trades: $trades, levels: $levels) {
      __typename
      ... on QuotesMoved { quotes { ...QuoteFields } }
      ... on BookMoved {
        book { symbol last session halted asOf bids { price quantity orders } asks { price quantity orders } }
      }
      ... on TradesPrinted { missed trades { symbol price quantity aggressor tradeId tradedAt } }
    }
  }
`);

export const AccountEvents = graphql(`
  subscription AccountEvents($accountId: ID!, $since: String) {
    account(accountId: $accountId, since: $since) {
      __typename
      ... on SubscriptionStarted { position }
      ... on Missed { count since }
      ... on OrderMoved {
        position event orderId symbol side status quantity filledQuantity averagePrice lastQuantity lastPrice reason occurredAt
        order { ...OrderFields }
      }
      ... on LedgerMoved { position change filledOrderId fundingId occurredAt }
      ... on PortfolioMoved {
        accountId
        at
        cashAvailable
        buyingPower
        summary { currency cash marketValue equity costBasis unrealizedPnl realizedPnl dayPnl netPaidIn staleSymbols }
        holdings { ...HoldingFields }
      }
      ... on NotificationArrived { position kind unreadCount notificationId notification { id title body kind createdAt readAt subjectRef } }
    }
  }
`);
