import type { Page } from './contents.ts';
import { addressOf } from './links.ts';
import type { Rendered } from './render.ts';

/** All that the site says, under its headings, to be looked through by the page itself: a search needs no server. */
export function searchText(rendered: ReadonlyMap<Page, Rendered>): string {
  const found = [...rendered].flatMap(([{ path, title }, { headings }]) =>
    headings.map(({ anchor, text, below }) => ({ at: `${addressOf(path)}#${anchor}`, page: title, text, below })),
  );
  // Within a script element nothing may look like its end.
  const data = JSON.stringify(found).replaceAll('<', String.raw`\u003c`);
  return `# Search

<ul id="found"></ul>
<p id="none" hidden>Nowhere are these words together.</p>
<script>
const headings = ${data};
const asked = new URLSearchParams(location.search).get('q') ?? '';
document.querySelector('input[name=q]').value = asked;
const words = asked.toLowerCase().split(/\\s+/).filter((word) => word !== '');
const has = (text) => words.every((word) => text.toLowerCase().includes(word));
const inHeading = headings.filter(({ page, text }) => has(page + ' ' + text));
const inText = headings.filter(({ text, below }) => has(text + ' ' + below));
const found = [...new Set([...inHeading, ...inText])];
for (const { at, page, text } of words.length === 0 ? [] : found.slice(0, 200)) {
  const link = Object.assign(document.createElement('a'), { href: at, textContent: text });
  const line = document.createElement('li');
  line.append(link, text === page ? '' : ' in ' + page);
  document.getElementById('found').append(line);
}
document.getElementById('none').hidden = words.length === 0 || found.length > 0;
</script>
`;
}
