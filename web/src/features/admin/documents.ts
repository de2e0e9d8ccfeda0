import { graphql } from '../../api/generated/gql.ts';

export const MyRights = graphql(`
  query MyRights {
    myPermissions { roles permissions }
    me { id userId }
  }
`);

export const FindUsers = graphql(`
  query FindUsers($search: String!, $after: String) {
    users(search: $search, first: 20, after: $after) {
      nodes { id userId email givenName familyName country createdAt onboarding { state reason } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Review = graphql(`
  mutation Review($input: ReviewOnboardingInput!) {
    reviewOnboarding(input: $input) {
      __typename
      ... on User { id userId email givenName familyName country createdAt onboarding { state reason } }
      ... on Refusal { message }
    }
  }
`);

export const RemoveFactor = graphql(`
  mutation RemoveFactor($input: RemoveSecondFactorInput!) {
    removeSecondFactor(input: $input) {
      __typename
      ... on SecondFactorRemoved { userId }
      ... on Refusal { code message }
    }
  }
`);

export const AccountsOf = graphql(`
  query AccountsOf($userId: ID!) {
    accounts(userId: $userId, first: 10, includeClosed: true) { nodes { ...AccountFields } }
  }
`);

export const Grants = graphql(`
  query Grants($userId: ID, $after: String) {
    grants(userId: $userId, first: 50, after: $after) {
      nodes { id role reason grantedBy grantedAt expiresAt user { id userId email } }
      pageInfo { hasNextPage endCursor }
    }
    roles(first: 20) { nodes { name description } }
  }
`);

export const Grant = graphql(`
  mutation Grant($input: GrantRoleInput!) {
    grantRole(input: $input) {
      __typename
      ... on Grant { id role grantedAt expiresAt }
      ... on Refusal { message }
    }
  }
`);

export const Revoke = graphql(`
  mutation Revoke($input: RevokeRoleInput!) {
    revokeRole(input: $input) {
      __typename
      ... on Refusal { message }
    }
  }
`);

export const AllInstruments = graphql(`
  query AllInstruments($after: String) {
    instruments(first: 100, after: $after) {
      nodes { ...InstrumentFields }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Halt = graphql(`
  mutation Halt($input: HaltSymbolInput!) {
    haltSymbol(input: $input) {
      __typename
      ... on Instrument { ...InstrumentFields }
      ... on Refusal { message }
    }
  }
`);

export const Resume = graphql(`
  mutation Resume($symbol: String!) {
    resumeSymbol(symbol: $symbol) {
      __typename
      ... on Instrument { ...InstrumentFields }
      ... on Refusal { message }
    }
  }
`);

export const Actions = graphql(`
  query Actions($symbol: String!) {
    corporateActions(symbol: $symbol, first: 50) {
      nodes { id symbol type ratioFrom ratioTo amount currency exDate appliedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const ApplyAction = graphql(`
  mutation ApplyAction($input: ApplyCorporateActionInput!) {
    applyCorporateAction(input: $input) {
      __typename
      ... on CorporateAction { id symbol type ratioFrom ratioTo amount currency exDate appliedAt }
      ... on Refusal { message }
    }
  }
`);

export const Fees = graphql(`
  query Fees {
    feeSchedules(first: 50) {
      nodes { id name perOrder perShare basisPoints minimum maximum effectiveFrom }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const SetFees = graphql(`
  mutation SetFees($input: SetFeeScheduleInput!) {
    setFeeSchedule(input: $input) {
      __typename
      ... on FeeSchedule { id name perOrder perShare basisPoints minimum maximum effectiveFrom }
      ... on Refusal { message }
    }
  }
`);

export const Trail = graphql(`
  query Trail($filter: AuditFilter, $first: Int!, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
      nodes { id sequence occurredAt actor action entity result address traceId hash }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const CheckTrail = graphql(`
  query CheckTrail {
    verifyAudit(limit: 10000) { checked intact firstBadSequence problem nextSequence }
  }
`);

export const DeadLetters = graphql(`
  query DeadLetters($first: Int!, $after: String) {
    deadLetters(first: $first, after: $after) {
      nodes { id consumer subject eventId error failedAt deliveries attempts isRequeued }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const ApplyLettersAgain = graphql(`
  mutation ApplyLettersAgain($input: RequeueDeadLettersInput!) {
    requeueDeadLetters(input: $input) {
      __typename
      ... on RequeuedDeadLetters { deadLetters { id isRequeued } }
      ... on Refusal { message }
    }
  }
`);

export const DropLetters = graphql(`
  mutation DropLetters($input: DropDeadLettersInput!) {
    dropDeadLetters(input: $input) {
      __typename
      ... on DroppedDeadLetters { deletedIds }
      ... on Refusal { message }
    }
  }
`);
