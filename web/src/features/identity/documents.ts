import { graphql } from '../../api/generated/gql.ts';

export const Welcome = graphql(`
  query Welcome {
    me { id userId email givenName familyName country phone timezone locale version onboarding { state reason } }
    accounts(first: 10) { nodes { ...AccountFields fundings(first: 1) { nodes { id state amount currency } } } }
  }
`);

export const WelcomeProfile = graphql(`
  mutation WelcomeProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on User { id givenName familyName country phone timezone locale version onboarding { state reason } }
      ... on InvalidInput { message field }
      ... on NotPossible { message }
    }
  }
`);

export const WelcomeOpenAccount = graphql(`
  mutation WelcomeOpenAccount($input: OpenAccountInput!) {
    openAccount(input: $input) {
      __typename
      ... on Account { ...AccountFields }
      ... on Refusal { message }
    }
  }
`);
