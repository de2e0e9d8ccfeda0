import type { PreviewReplacementQuery, ReplaceOrderInput } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { useSettled } from '../../api/use-settled.ts';
import { PreviewReplacement } from './documents.ts';

type Answer = NonNullable<PreviewReplacementQuery['previewReplacement']>;
export type ReplacementPreview = Extract<Answer, { __typename: 'ReplacementPreview' }>;

export interface Foreseen {
  preview: ReplacementPreview | undefined;
  refusal: { message: string; field: string } | undefined;
}

const PAUSE_MS = 150;
const network = { requestPolicy: 'network-only' as const };
const NOTHING: Foreseen = { preview: undefined, refusal: undefined };

/** What a change of an order would come to, once typing pauses; nothing until it is the answer to just this change. */
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

function refusalOf(said: { message: string } | { message: string; field: string }): Foreseen['refusal'] {
  return { message: said.message, field: 'field' in said ? (said.field.split('.').at(-1) ?? '') : '' };
}
