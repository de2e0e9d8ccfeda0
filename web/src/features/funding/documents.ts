import { graphql } from '../../api/generated/gql.ts';

export const FundingView = graphql(`
  query FundingView {
    accounts(first: 10) {
      nodes {
        ...AccountFields
        buyingPower { reservedForOrders reservedForWithdrawals }
        fundings(first: 10) {
          nodes { id fundingId accountId type currency amount state reason requestedAt updatedAt }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

export const Deposit = graphql(`
  mutation Deposit($input: DepositInput!) {
    deposit(input: $input) {
      __typename
      ... on Funding { id state amount currency type requestedAt updatedAt reason fundingId accountId }
      ... on Refusal { code message }
    }
  }
`);

export const Withdraw = graphql(`
  mutation Withdraw($input: WithdrawInput!) {
    withdraw(input: $input) {
      __typename
      ... on Funding { id state amount currency type requestedAt updatedAt reason fundingId accountId }
      ... on Refusal { code message }
    }
  }
`);

export const TransferMoney = graphql(`
  mutation TransferMoney($input: TransferInput!) {
    transfer(input: $input) {
      __typename
      ... on Transfer { journalId amountOut amountIn fxRate }
      ... on Refusal { code message }
    }
  }
`);

export const Rate = graphql(`
  query Rate($from: String!, $to: String!) {
    fxRate(from: $from, to: $to) { id base quote rate asOf validUntil source }
  }
`);

export const OpenAnother = graphql(`
  mutation OpenAnother($input: OpenAccountInput!) {
    openAccount(input: $input) {
      __typename
      ... on Account { ...AccountFields }
      ... on Refusal { code message }
    }
  }
`);
