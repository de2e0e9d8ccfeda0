import type { Page } from './contents.ts';
import { targetOf } from './links.ts';
import { render } from './render.ts';

/** Links of the pages that lead nowhere: to no file, or to no heading of the page that they name. */
export function brokenLinks(pages: readonly Page[]): string[] {
  const paths = new Set(pages.map(({ path }) => path));
  const rendered = new Map(pages.map((page) => [page.path, render(page, paths)]));
  return [...rendered].flatMap(([from, { links }]) =>
    links.flatMap((href) => {
      const target = targetOf(from, href, paths);
      if (target.kind === 'nowhere') return [`${from}: ${href} is not there`];
      if (target.kind !== 'page' || target.anchor === '') return [];
      const isThere = rendered.get(target.path)?.headings.some(({ anchor }) => anchor === target.anchor) ?? false;
      return isThere ? [] : [`${from}: ${href}: no such heading`];
    }),
  );
}
