import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, textOf } from '../sources.ts';
import { graphqlReference } from './graphql-reference.ts';

/** A page of the site, at the place where its text lies in the checkout, so that a link leads to the same on both. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

export function contents(): Section[] {
  return [
    section('Start', 'README.md', 'docs/first-steps.md', 'docs/graphql.md', 'docs/market-data.md'),
    {
      title: 'Reference',
      pages: [
        { path: 'docs/graphql-reference.md', title: 'GraphQL reference', text: graphqlReference() },
        ...section('', 'docs/events.md', 'docs/operations/configuration.md', 'docs/operations/log-events.md').pages,
      ],
    },
    section('Operating', ...inFolder('docs/operations', ['configuration.md', 'log-events.md']), 'docs/scaling.md'),
    section('Runbooks', ...inFolder('docs/runbooks')),
    section('How it is built', 'ARCHITECTURE.md', 'docs/security-model.md', 'docs/benchmarks.md', 'STYLE.md'),
    section('Decisions', ...inFolder('docs/decisions')),
    section('The project', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'),
  ];
}

function section(title: string, ...paths: string[]): Section {
  return { title, pages: paths.map((path) => pageOf(path, textOf(path) ?? '')) };
}

export function pageOf(path: string, text: string): Page {
  return { path, title: /^# (.+)$/m.exec(text)?.[1] ?? path, text };
}

/** README first, as it says what the others are. */
function inFolder(folder: string, without: readonly string[] = []): string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md') && !without.includes(name));
  return names.toSorted((a, b) => rank(a).localeCompare(rank(b))).map((name) => `${folder}/${name}`);
}

const rank = (name: string): string => (name === 'README.md' ? '' : name);
