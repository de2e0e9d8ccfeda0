import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chart, hasValidator, rendered, validate, valueSets } from './rendered-chart.ts';

const scratch = mkdtempSync(join(tmpdir(), 'andvari-schemas-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(!hasValidator).each(Object.keys(valueSets))('with the values of %s', (set) => {
  test.each(['1.35', '1.36', '1.37'])(
    'every object of Kubernetes’ own is what version %s takes, to the last field',
    (version) => {
      const file = join(scratch, `${set}.yaml`);
      writeFileSync(file, rendered(chart, set));
      const { status, output } = validate(file, version);
      expect(status, output).toBe(0);
    },
    60_000,
  );
});

test.skipIf(!hasValidator)('a misspelt field in any template is found', { timeout: 120_000 }, () => {
  const templates = readdirSync(join(chart, 'templates')).filter((name) =>
    [
      'deployments.yaml',
      'engine.yaml',
      'services.yaml',
      'scaling.yaml',
      'network-policies.yaml',
      'ingress.yaml',
      'migrations.yaml',
    ].includes(name),
  );
  expect(templates).toHaveLength(7);
  for (const name of templates) {
    const copy = join(scratch, `misspelt-${name}`);
    cpSync(chart, copy, { recursive: true });
    const path = join(copy, 'templates', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^spec:$/m, 'spec:\n  replicsa: 1'));
    const file = join(scratch, `${name}.rendered.yaml`);
    writeFileSync(file, rendered(copy, 'production'));
    expect(validate(file, '1.37').status, name).not.toBe(0);
  }
});
