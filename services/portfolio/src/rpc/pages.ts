import { invalid } from '@andvari/kit/base/errors';
import { requireUuid } from '@andvari/kit/handler/inputs';
import type { Page } from '@andvari/kit/handler/page';

/** Cursors come back from clients, who may have changed them: each part is checked for what it should be. */
export function timeCursor({ after }: Page): { us: string; id: string } | undefined {
  if (after === undefined) return undefined;
  const [us, id] = after.map(String) as [string, string];
  if (!/^\d{1,18}$/.test(us)) throw invalid('page.after', 'is not a cursor of this list');
  requireUuid('page.after', id);
  return { us, id };
}

export function textCursor({ after }: Page, shape = /^[A-Z0-9./-]{1,24}$/): string | undefined {
  if (after === undefined) return undefined;
  const text = String(after[0]);
  if (!shape.test(text)) throw invalid('page.after', 'is not a cursor of this list');
  return text;
}
