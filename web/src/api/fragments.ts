import { graphql } from './generated/gql.ts';

/** What several features show of the same thing: asked for in one way, so that the cache has all of it. */
export const QuoteFields = graphql(`
  fragment QuoteFields on Quote {
    symbol last bid ask bidSize askSize open high low previousClose change changeRatio volume
    marketState source asOf validUntil isStale
  }
`);

export const InstrumentFields = graphql(`
  fragment InstrumentFields on Instrument {
    id symbol name exchange sector type currency tick tickBelowOne lot fractionable tradable
    halted haltReason haltedAt minNotional maxQuantity maxPrice version
  }
`);

export const OrderFields = graphql(`
  fragment OrderFields on Order {
    id orderId accountId clientOrderId symbol side type timeInForce quantity notional limitPrice stopPrice trailAmount trailPercent
    postOnly extendedHours status isOpen reason filledQuantity remainingQuantity averagePrice replaces replacedBy
    groupId groupType groupLeg submittedAt updatedAt finishedAt version
  }
`);

export const HoldingFields = graphql(`
  fragment HoldingFields on Holding {
    id accountId symbol quantity quantityReserved quantityAvailable averageCost costBasis realizedPnl currency
    marketValue unrealizedPnl unrealizedRatio dayPnl
  }
`);

export const AccountFields = graphql(`
  fragment AccountFields on Account {
    id accountId number kind currency name status cash cashReserved cashAvailable openedAt
  }
`);
