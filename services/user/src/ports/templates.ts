import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NotificationKind, notificationKinds, parseTemplate, type Template } from '../domain/notification.ts';

const FALLBACK = 'en';

/** Reads a folder a language and a file a kind; refuses to start where one is missing or asks for what nobody fills in. */
export function readTemplates(folder: URL): (kind: NotificationKind, locale: string) => Template {
  const languages = new Map(readdirSync(fileURLToPath(folder)).map((name) => [name, readLanguage(folder, name)]));
  const fallback = languages.get(FALLBACK);
  if (fallback === undefined) throw new Error(`there are no templates in ${FALLBACK}`);
  return (kind, locale) => (languages.get(locale.split('-')[0] ?? FALLBACK) ?? fallback)[kind];
}

function readLanguage(folder: URL, language: string): Record<NotificationKind, Template> {
  const read = (kind: NotificationKind): [NotificationKind, Template] => {
    const text = readFileSync(new URL(`${language}/${kind}.txt`, folder), 'utf8');
    return [kind, parseTemplate(kind, text)];
  };
  return Object.fromEntries(notificationKinds.map(read)) as Record<NotificationKind, Template>;
}
