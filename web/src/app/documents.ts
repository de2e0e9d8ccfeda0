import { graphql } from '../api/generated/gql.ts';

export const WhoIsHere = graphql(`
  query WhoIsHere {
    me { id givenName familyName email locale timezone }
    myPermissions { roles permissions }
    preferences { ...PreferenceFields }
    inbox { unreadCount }
  }
`);

export const PreferenceFields = graphql(`
  fragment PreferenceFields on Preferences {
    theme confirmOrders displayCurrency mutedNotifications colours density hideAmounts singleKeys numberFormat
    chartTimeframe chartView watchlist blotterHeight version
  }
`);

export const BarNumbers = graphql(`
  query BarNumbers($accountId: ID!) {
    account(id: $accountId) {
      id
      accountId
      currency
      buyingPower { amount currency }
      summary { equity dayPnl currency staleSymbols }
    }
  }
`);

export const SavePreferences = graphql(`
  mutation SavePreferences($input: UpdatePreferencesInput!) {
    updatePreferences(input: $input) {
      __typename
      ... on Preferences { ...PreferenceFields }
      ... on Refusal { code message }
    }
  }
`);

export const PreferencesNow = graphql(`
  query PreferencesNow {
    preferences { ...PreferenceFields }
  }
`);

export const FirstSymbols = graphql(`
  query FirstSymbols {
    accounts(first: 10) { nodes { id holdings(first: 1) { nodes { symbol } } } }
    watchlists(first: 10) { nodes { id symbols } }
  }
`);
