import type { PreviewQuery } from '../../api/generated/graphql.ts';
import type { Spec } from '../../api/orders.ts';
import { useData } from '../../api/use-data.ts';
import { useSettled } from '../../api/use-settled.ts';
import { Preview } from './documents.ts';

export type OrderPreview = Extract<NonNullable<PreviewQuery['previewOrder']>, { __typename: 'OrderPreview' }>;

const PAUSE_MS = 150;
const network = { requestPolicy: 'network-only' as const };

/** What the server says it would come to, once typing pauses; undefined until it has answered to just this order. */
export function usePreview(
  accountId: string | undefined,
  spec: Spec | undefined,
): { preview: OrderPreview | undefined; refusal: PreviewRefusal | undefined } {
  const wanted = spec === undefined ? '' : JSON.stringify(spec);
  const asked = useSettled(wanted, PAUSE_MS);
  const order = asked === '' ? undefined : (JSON.parse(asked) as Spec);
  const { data } = useData(
    Preview,
    { input: { accountId: accountId ?? '', order: order ?? ({} as Spec) } },
    { pause: accountId === undefined || order === undefined || asked !== wanted, context: network },
  );
  const answer = asked === wanted && asked !== '' ? data?.previewOrder : undefined;
  if (answer == null) return { preview: undefined, refusal: undefined };
  if (answer.__typename === 'OrderPreview') {
    const [first] = answer.refusals;
    return { preview: answer, refusal: first === undefined ? undefined : refusalOf(first) };
  }
  return { preview: undefined, refusal: refusalOf(answer) };
}

export interface PreviewRefusal {
  code: string;
  message: string;
  field: string;
}

function refusalOf(
  answer: { code: string; message: string } | { code: string; message: string; field: string },
): PreviewRefusal {
  return { code: answer.code, message: answer.message, field: 'field' in answer ? answer.field : '' };
}
