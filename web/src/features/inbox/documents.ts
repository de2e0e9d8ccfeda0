import { graphql } from '../../api/generated/gql.ts';

export const Letters = graphql(`
  query Letters($unreadOnly: Boolean!, $first: Int!, $after: String) {
    inbox { unreadCount }
    notifications(unreadOnly: $unreadOnly, first: $first, after: $after) {
      nodes { id title body kind createdAt readAt subjectRef }
      pageInfo { hasNextPage endCursor }
    }
    preferences { mutedNotifications version }
  }
`);

export const MarkRead = graphql(`
  mutation MarkRead($ids: [ID!]) {
    markNotificationsRead(ids: $ids) {
      __typename
      ... on MarkedRead { inbox { unreadCount } notifications { id readAt } }
      ... on Refusal { message }
    }
  }
`);

export const Mute = graphql(`
  mutation Mute($input: UpdatePreferencesInput!) {
    updatePreferences(input: $input) {
      __typename
      ... on Preferences { mutedNotifications version }
      ... on Refusal { message }
    }
  }
`);
