import type { Page, Section } from './contents.ts';
import { relativeAddress } from './links.ts';
import type { Rendered } from './render.ts';

/** A whole page: what there is on the left, the text in the middle, its headings on the right. */
export function layout(page: Page, { html, headings }: Rendered, sections: readonly Section[]): string {
  const home = relativeAddress(page.path, 'README.md');
  const within = headings.filter(({ level }) => level === 2);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${plain(page.title)} · Andvari</title>
<link rel="stylesheet" href="${relativeAddress(page.path, 'site.css')}">
</head>
<body>
<a class="skip" href="#text">To the text</a>
<a class="to-pages" href="#pages">Pages</a>
<nav id="pages" aria-label="Pages">
<a class="brand" href="${home}">Andvari</a>
<form action="${relativeAddress(page.path, 'search.html')}" role="search"><input name="q" type="search" placeholder="Search" aria-label="Search"></form>
${sections.map((section) => listOf(section, page)).join('\n')}
</nav>
<main id="text">
${html}
</main>
<aside aria-label="On this page">
${within.length < 2 ? '' : `<p>On this page</p><ul>${within.map(({ anchor, text }) => `<li><a href="#${anchor}">${plain(text)}</a></li>`).join('')}</ul>`}
</aside>
</body>
</html>
`;
}

function listOf({ title, pages }: Section, open: Page): string {
  const links = pages.map(({ path, title: name }) => {
    const current = path === open.path ? ' aria-current="page"' : '';
    return `<li><a href="${relativeAddress(open.path, path)}"${current}>${plain(name)}</a></li>`;
  });
  // Of long lists only the one that is being read is open.
  const isOpen = pages.length < 12 || pages.includes(open);
  return `<details${isOpen ? ' open' : ''}><summary>${plain(title)}</summary><ul>${links.join('')}</ul></details>`;
}

/** Headings carry the marks of Markdown for code. */
export function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
