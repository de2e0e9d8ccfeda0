import markdownIt from 'markdown-it';
import type { Page } from './contents.ts';
import { relativeAddress, slugs, targetOf } from './links.ts';

export interface Heading {
  readonly level: number;
  readonly anchor: string;
  readonly text: string;
  /** What is said under it, for whoever searches. */
  below: string;
}

export interface Rendered {
  readonly html: string;
  /** What a link can lead to within the page. */
  readonly headings: readonly Heading[];
  readonly links: readonly string[];
}

/** The text of a page as HTML. The texts are our own, so HTML in them is let through. */
export function render({ path, text }: Page, pages: ReadonlySet<string>): Rendered {
  const markdown = markdownIt({ html: true, linkify: false });
  const tokens = markdown.parse(text, {});
  const slugOf = slugs();
  const headings: Heading[] = [];
  const links: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const words = (tokens[at + 1]?.children ?? []).map(({ content }) => content).join('');
      const anchor = slugOf(words);
      token.attrSet('id', anchor);
      headings.push({ level: Number(token.tag.slice(1)), anchor, text: words, below: '' });
    }
    const under = headings.at(-1);
    if (under !== undefined && token.content !== '' && token.content !== under.text) under.below += ` ${token.content}`;
    for (const child of token.children ?? []) {
      const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
      const href = name === undefined ? null : child.attrGet(name);
      if (name === undefined || href === null) continue;
      links.push(href);
      const target = targetOf(path, href, pages);
      if (target.kind === 'page')
        child.attrSet('href', relativeAddress(path, target.path) + (target.anchor === '' ? '' : `#${target.anchor}`));
      // Code is read in the checkout; the site says where.
      if (target.kind === 'file' && name === 'href') {
        child.attrs = [['title', `in the checkout: ${target.path}`]];
      }
    }
  }
  return { html: markdown.renderer.render(tokens, markdown.options, {}), headings, links };
}
