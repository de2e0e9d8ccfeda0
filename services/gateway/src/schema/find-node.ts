import { AppError } from '@andvari/kit/base/errors';
import type { PageInfo, PageRequest } from '@andvari/proto/common/v1/common';
import { MAX_FIRST } from './connection.ts';

type LoadPage<T> = (page: PageRequest) => Promise<{ rows: T[]; pageInfo: PageInfo | undefined }>;

/** Who asks for one thing is not to walk a history of years. */
const MAX_PAGES = 10;

/** What no service finds by its id alone is looked for in the list that its global id names, the service's own order kept. */
export async function findInPages<T>(load: LoadPage<T>, is: (row: T) => boolean): Promise<T | undefined> {
  let after = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { rows, pageInfo } = await load({ first: MAX_FIRST, after });
    const found = rows.find(is);
    if (found !== undefined || pageInfo?.hasNextPage !== true) return found;
    after = pageInfo.endCursor;
  }
  return undefined;
}

/** Each for itself: what one of them is refused the others of the same response are told all the same. */
export async function loadEach<T>(
  ids: readonly string[],
  find: (id: string) => Promise<T | undefined>,
): Promise<(T | Error)[]> {
  const looked = await Promise.allSettled(ids.map(find));
  return looked.map((result) => {
    if (result.status === 'fulfilled') return result.value ?? nodeMissing();
    return result.reason instanceof Error ? result.reason : new Error(String(result.reason));
  });
}

function nodeMissing(): AppError {
  return new AppError('not_found', 'there is nothing of that id', { reason: 'node_not_found' });
}

/** The parts of a global id that says where its thing is: `account.symbol`. Symbols have dots too, so the last part takes what is left. */
export function partsOf(id: string, count: number): string[] {
  const parts = id.split('.');
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join('.')];
}
