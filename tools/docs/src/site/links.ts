import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../sources.ts';

/** Where a link of a page leads. */
export type Target =
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'page'; readonly path: string; readonly anchor: string }
  /** In the checkout and not on the site: code. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'nowhere'; readonly path: string };

export function targetOf(from: string, href: string, pages: ReadonlySet<string>): Target {
  if (/^[a-z]+:|^\/\//i.test(href)) return { kind: 'elsewhere' };
  const [before = '', anchor = ''] = href.split('#');
  const path = before === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(before));
  const page = [path, posix.join(path, 'README.md')].find((one) => pages.has(one));
  if (page !== undefined) return { kind: 'page', path: page, anchor };
  return { kind: existsSync(join(root, path)) ? 'file' : 'nowhere', path };
}

/** Where a page is on the site. */
export function addressOf(path: string): string {
  return path.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html');
}

export function relativeAddress(from: string, to: string): string {
  return posix.relative(posix.dirname(addressOf(from)), addressOf(to));
}

/** The name of a heading in a link, as the places make it where Markdown is usually read. */
export function slugs(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = taken.get(slug) ?? 0;
    taken.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  };
}
