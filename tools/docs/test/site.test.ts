import { describe, expect, test } from 'vitest';
import { brokenLinks } from '../src/site/check-links.ts';
import { contents, pageOf } from '../src/site/contents.ts';
import { graphqlReference } from '../src/site/graphql-reference.ts';
import { layout } from '../src/site/layout.ts';
import { render } from '../src/site/render.ts';
import { searchText } from '../src/site/search-page.ts';

const pages = contents().flatMap((section) => section.pages);
const paths = new Set(pages.map(({ path }) => path));

test('no link of any page leads nowhere, and every page is there once', () => {
  expect(pages.length).toBeGreaterThan(80);
  expect(paths.size).toBe(pages.length);
  expect(brokenLinks(pages)).toEqual([]);
});

describe('a link', () => {
  const other = pageOf('docs/other.md', '# Other\n\n## Two words, `code` & more\n\n## Twice\n\n## Twice');
  test.each<[what: string, href: string, broken: boolean]>([
    ['to a page', 'other.md', false],
    ['to a heading', 'other.md#two-words-code--more', false],
    ['to the second of two of one name', 'other.md#twice-1', false],
    ['to a heading that is not there', 'other.md#thrice', true],
    ['to a page that is not there', 'another.md', true],
    ['within the page', '#here', false],
    ['to nothing within the page', '#there', true],
    ['to code', '../tools/docs/package.json', false],
    ['to a folder', '../tools/docs', false],
    ['to code that is not there', '../tools/docs/nothing.ts', true],
    ['to elsewhere', 'https://example.com/nothing', false],
  ])('%s', (_, href, broken) => {
    const from = pageOf('docs/from.md', `# From\n\n## Here\n\n[it](${href})`);
    expect(brokenLinks([from, other])).toHaveLength(broken ? 1 : 0);
  });

  test('leads on the site to where it leads in the checkout; to code it does not lead', () => {
    const text = '# R\n\n[a](../graphql.md#limits) [b](README.md) [c](../../Makefile)';
    const { html } = render(pageOf('docs/runbooks/x.md', text), paths);
    expect(html).toContain('<a href="../graphql.html#limits">a</a>');
    expect(html).toContain('<a href="index.html">b</a>');
    expect(html).toContain('<a title="in the checkout: Makefile">c</a>');
  });
});

test('the reference has each type and each field with its words, and its types lead to each other', () => {
  const text = graphqlReference(`
    type Query { "One of them." thing(id: ID!, "How large." size: Int = 3): Thing }
    "It | that." type Thing { "Its kinds." kinds: [Kind!]! }
    enum Kind { "The small one." SMALL }`);
  expect(text).toContain('### Query.thing\n\nOne of them.\n\nAnswers [Thing](#thing).');
  expect(text).toContain('| `size` | Int = `3` | How large. |');
  expect(text).toContain(String.raw`| \`kinds\` | \[[Kind](#kind)!\]! | Its kinds. |`.replaceAll('\\`', '`'));
  expect(text).toContain('### Kind');
  expect(text).toContain('| `SMALL` | The small one. |');
});

test('a page names itself among all, and nothing in a heading is taken for HTML', () => {
  const page = pageOf('docs/a.md', '# A <b> & `c`\n\n## One\n\n## Two');
  const html = layout(page, render(page, paths), [{ title: 'S', pages: [page] }]);
  expect(html).toContain('<title>A &lt;b> &amp; c · Andvari</title>');
  expect(html).toContain('<a href="a.html" aria-current="page">');
  expect(html).toContain('<a href="#two">Two</a>');
});

test('a search knows what is said under each heading, and no text of ours ends its script', () => {
  const page = pageOf('docs/a.md', '# A\n\n## Two\n\nwhat </script> is');
  const text = searchText(new Map([[page, render(page, paths)]]));
  expect(text).toContain('"at":"docs/a.html#two","page":"A","text":"Two","below":" what \\u003c/script> is"');
});
