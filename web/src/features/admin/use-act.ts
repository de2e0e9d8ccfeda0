import { useCallback } from 'react';
import type { TypedDocumentString } from '../../api/generated/graphql.ts';
import { useSend } from '../../api/use-data.ts';
import { say } from '../../ui/toasts.tsx';

/** Does it and says how it went; true when it was done. */
export function useAct(): <Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  done: string,
) => Promise<boolean> {
  const send = useSend();
  return useCallback(
    async (document, variables, done) => {
      const answer = await send(document, variables);
      const refusal = answer.ok
        ? (Object.values(answer.data as object)[0] as { message?: string } | null)?.message
        : answer.trouble.message;
      say(refusal ?? done);
      return refusal === undefined;
    },
    [send],
  );
}
