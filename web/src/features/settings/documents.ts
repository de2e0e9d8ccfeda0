import { graphql } from '../../api/generated/gql.ts';

export const Profile = graphql(`
  query Profile {
    me { id userId email givenName familyName country phone locale timezone version onboarding { state reason } }
  }
`);

export const SaveProfile = graphql(`
  mutation SaveProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on User { id userId email givenName familyName country phone locale timezone version onboarding { state reason } }
      ... on Refusal { code message }
      ... on InvalidInput { field }
    }
  }
`);

export const Sessions = graphql(`
  query Sessions {
    sessions(first: 50) { nodes { id device userAgent address createdAt lastSeenAt isCurrent } pageInfo { hasNextPage endCursor } }
  }
`);

export const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on PasswordChanged { userId }
      ... on Refusal { message }
    }
  }
`);

export const SecondFactor = graphql(`
  query SecondFactor {
    me { id email }
    secondFactor { enabled enabledAt recoveryCodesLeft }
  }
`);

export const EnrolSecondFactor = graphql(`
  mutation EnrolSecondFactor {
    enrolSecondFactor {
      __typename
      ... on SecondFactorSecret { secret uri }
      ... on Refusal { message }
    }
  }
`);

export const ConfirmSecondFactor = graphql(`
  mutation ConfirmSecondFactor($code: String!) {
    confirmSecondFactor(code: $code) {
      __typename
      ... on SecondFactorEnabled { recoveryCodes }
      ... on Refusal { message }
    }
  }
`);

export const RenewRecoveryCodes = graphql(`
  mutation RenewRecoveryCodes($proof: SecondFactorProof!) {
    renewRecoveryCodes(proof: $proof) {
      __typename
      ... on RecoveryCodesRenewed { recoveryCodes }
      ... on Refusal { message }
    }
  }
`);

export const DisableSecondFactor = graphql(`
  mutation DisableSecondFactor($proof: SecondFactorProof!) {
    disableSecondFactor(proof: $proof) {
      __typename
      ... on SecondFactorDisabled { secondFactor { enabled } }
      ... on Refusal { message }
    }
  }
`);

export const EndSession = graphql(`
  mutation EndSession($id: ID!) {
    revokeSession(id: $id) {
      __typename
      ... on RevokedSession { revokedId }
      ... on Refusal { message }
    }
  }
`);

export const EndOthers = graphql(`
  mutation EndOthers {
    logoutEverywhere(keepCurrent: true) {
      __typename
      ... on LoggedOut { revokedSessions }
      ... on Refusal { message }
    }
  }
`);

export const Keys = graphql(`
  query Keys {
    apiKeys(first: 50) {
      nodes { id keyId name scopes dailyNotionalCap expiresAt lastUsedAt createdAt }
      pageInfo { hasNextPage endCursor }
    }
    apiKeyScopes
  }
`);

export const MakeKey = graphql(`
  mutation MakeKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      __typename
      ... on CreatedApiKey { secret apiKey { id keyId name scopes dailyNotionalCap expiresAt lastUsedAt createdAt } }
      ... on InvalidInput { field }
      ... on Refusal { message }
    }
  }
`);

export const RevokeKey = graphql(`
  mutation RevokeKey($id: ID!) {
    revokeApiKey(id: $id) {
      __typename
      ... on RevokedApiKey { revokedId }
      ... on Refusal { message }
    }
  }
`);

export const Deletion = graphql(`
  query Deletion {
    accountDeletion { state reason requestedAt finishedAt }
  }
`);

export const AskForDeletion = graphql(`
  mutation AskForDeletion {
    requestAccountDeletion {
      __typename
      ... on AccountDeletion { state reason requestedAt finishedAt }
      ... on Refusal { message }
    }
  }
`);
