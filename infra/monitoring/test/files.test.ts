import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alerts } from '../src/alerts.ts';
import { boards } from '../src/boards.ts';
import { slos } from '../src/slos.ts';
import { root, writtenFiles } from '../src/write-files.ts';

const page = (runbook: string): URL => new URL(`docs/runbooks/${runbook}.md`, root);

test.each([...writtenFiles().keys()])('%s is as the code writes it', (path) => {
  const written = readFileSync(new URL(path, root), 'utf8');
  const wanted = writtenFiles().get(path) ?? '';
  if (path.endsWith('.json')) expect(JSON.parse(written)).toEqual(JSON.parse(wanted));
  else expect(written).toBe(wanted);
});

describe('whoever is woken finds a page', () => {
  const named = new Set([
    ...alerts.map(({ runbook }) => runbook),
    ...slos.map(({ runbook }) => runbook),
    ...boards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.map(({ runbook }) => runbook))),
  ]);
  test.each([...named])('%s', (runbook) => {
    expect(existsSync(page(runbook))).toBe(true);
    const text = readFileSync(page(runbook), 'utf8');
    for (const part of ['## What it means', '## Look', '## Do', '## Verify', '## Afterwards']) {
      expect(text).toContain(part);
    }
  });
});

describe.each(boards)('board $title', ({ rows }) => {
  const panels = rows.flatMap((row) => row.panels);
  test.each(panels)('$title says what it shows, in which unit, and what each line is', (panel) => {
    expect(panel.description.length).toBeGreaterThan(5);
    expect(panel.unit).not.toBe('');
    for (const { expr, legend } of panel.queries) {
      expect(legend).not.toBe('');
      // A fixed window shows nothing, or too much, at another zoom.
      expect(expr).not.toMatch(/rate\([^)]*\[\d/);
    }
  });
});
