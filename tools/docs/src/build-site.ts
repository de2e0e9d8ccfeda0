import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brokenLinks } from './site/check-links.ts';
import { contents, type Page, pageOf } from './site/contents.ts';
import { layout } from './site/layout.ts';
import { addressOf } from './site/links.ts';
import { type Rendered, render } from './site/render.ts';
import { searchText } from './site/search-page.ts';
import { root } from './sources.ts';

/** The documentation as a site of plain files: opened from the folder, or served by anything. */
const out = join(import.meta.dirname, '../dist');
const sections = contents();
const pages = sections.flatMap((section) => section.pages);
const broken = brokenLinks(pages);
if (broken.length > 0) throw new Error(`links that lead nowhere:\n${broken.join('\n')}`);

rmSync(out, { recursive: true, force: true });
const paths = new Set(pages.map(({ path }) => path));
const rendered = new Map(pages.map((page) => [page, render(page, paths)]));
for (const [page, one] of rendered) write(page, one);
const search = pageOf('search.md', searchText(rendered));
write(search, render(search, paths));
cpSync(join(import.meta.dirname, 'site/site.css'), join(out, 'site.css'));
cpSync(join(root, 'docs/pictures'), join(out, 'docs/pictures'), { recursive: true });
process.stdout.write(`${pages.length} pages: ${pathToFileURL(join(out, 'index.html')).href}\n`);

function write(page: Page, one: Rendered): void {
  const path = join(out, addressOf(page.path));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, layout(page, one, sections));
}
