import { graphql } from './generated/gql.ts';
import type { PreviewReplacementQuery, ReplaceOrderInput } from './generated/graphql.ts';
import { useData } from './use-data.ts';
import { useSettled } from './use-settled.ts';

const PreviewReplacement = graphql(`
  query PreviewReplacement($input: ReplaceOrderInput!) {
    previewReplacement(input: $input) {
      __typename
      ... on ReplacementPreview {
        fillsQuantity averagePrice maximumFee held reserved availableAfter
        refusals {
          __typename
          code
          message
          ... on InvalidOrder { field }
          ... on InvalidInput { field }
          ... on InsufficientBuyingPower { required available shortBy }
          ... on InsufficientShares { required available shortBy }
        }
        warnings { code message }
      }
      ... on Refusal { code message }
      ... on InvalidOrder { field }
      ... on InvalidInput { field }
    }
  }
`);

type Answer = NonNullable<PreviewReplacementQuery['previewReplacement']>;
export type ReplacementPreview = Extract<Answer, { __typename: 'ReplacementPreview' }>;

/** What it would need and what there is, of what the preview counts in. */
export interface Shortfall {
  required: string;
  available: string;
  shortBy: string;
}

export interface ForeseenRefusal {
  message: string;
  field: string;
  shortfall?: Shortfall;
}

/** At most one of the two. */
export interface Foreseen {
  preview: ReplacementPreview | undefined;
  refusal: ForeseenRefusal | undefined;
}

const PAUSE_MS = 150;
const network = { requestPolicy: 'network-only' as const };
const NOTHING: Foreseen = { preview: undefined, refusal: undefined };

/** What a change of an order would come to, once it stands still; nothing until it is the answer to just this change. */
export function useReplacementPreview(
  orderId: string,
  change: Omit<ReplaceOrderInput, 'orderId'> | undefined,
): Foreseen {
  const wanted = change === undefined || Object.keys(change).length === 0 ? '' : JSON.stringify(change);
  const asked = useSettled(wanted, PAUSE_MS);
  const isOther = asked === '' || asked !== wanted;
  const input = { orderId, ...(asked === '' ? {} : (JSON.parse(asked) as Omit<ReplaceOrderInput, 'orderId'>)) };
  const { data } = useData(PreviewReplacement, { input }, { pause: isOther, context: network });
  const answer = isOther ? undefined : data?.previewReplacement;
  if (answer == null) return NOTHING;
  if (answer.__typename !== 'ReplacementPreview') return { preview: undefined, refusal: refusalOf(answer) };
  const [first] = answer.refusals;
  return first === undefined
    ? { preview: answer, refusal: undefined }
    : { preview: undefined, refusal: refusalOf(first) };
}

function refusalOf(said: { message: string } | { message: string; field: string } | ({ message: string } & Shortfall)) {
  const field = 'field' in said ? (said.field.split('.').at(-1) ?? '') : '';
  if (!('shortBy' in said)) return { message: said.message, field };
  const { message, required, available, shortBy } = said;
  return { message, field, shortfall: { required, available, shortBy } };
}
