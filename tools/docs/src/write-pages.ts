import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages.ts';
import { root, textOf } from './sources.ts';

for (const [path, text] of await pages()) {
  // The time stamp is left alone where nothing changed, so that caches keyed on files stay warm.
  if (textOf(path) !== text) writeFileSync(join(root, path), text);
}
