import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { madeUpSecrets } from '../make-secrets.ts';
import { services } from '../services.ts';
import { chartNatsUsers, chartNatsUsersFile, chartServices, chartServicesFile } from '../write-chart-files.ts';
import {
  allOf,
  chart,
  envOf,
  hasValidator,
  helm,
  type KubernetesObject,
  objectsOf,
  type PodSpec,
  podOf,
  render,
  rendered,
  run,
  template,
  validate,
  valuesOf,
} from './rendered-chart.ts';

const scratch = mkdtempSync(join(tmpdir(), 'andvari-chart-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const PART_OF = 'app.kubernetes.io/part-of';

test('the chart has the table of services as it is', () => {
  expect(readFileSync(chartServicesFile, 'utf8')).toBe(chartServices);
  expect(readFileSync(chartNatsUsersFile, 'utf8')).toBe(chartNatsUsers);
});

test.skipIf(helm === undefined)('the trial makes up every secret that production is given: keys of 32 bytes', () => {
  const secret = parseAllDocuments(rendered(chart, 'trial'))
    .map((document) => document.toJS() as { kind: string; stringData?: Record<string, string> } | null)
    .find((object) => object?.kind === 'Secret');
  for (const name of madeUpSecrets) {
    expect(Buffer.from(secret?.stringData?.[name] ?? '', 'base64'), name).toHaveLength(32);
  }
  expect(new Set(madeUpSecrets.map((name) => secret?.stringData?.[name])).size).toBe(madeUpSecrets.length);
});

describe.skipIf(helm === undefined)('the chart', () => {
  test('passes helm lint', () => {
    const linted = run(['lint', chart]);
    expect(linted.status, linted.stdout).toBe(0);
  });

  test('refuses a setting that it does not know', () => {
    expect(run(['template', 'a', chart, '--set', 'gatway.replicas=3']).stderr).toMatch(/gatway/);
  });

  test.each([
    ['a tag that moves', 'minimal', 'image.tag=latest', /name a version/],
    [
      'no place of the infrastructure, which a policy would close off',
      'minimal',
      'networkPolicy.infrastructure=null',
      /where PostgreSQL, NATS and Redis are/,
    ],
    ['no place for links in mails, without which auth does not start', 'minimal', 'publicUrl=', /publicUrl/],
    [
      'an ingress whose people would share the limits of one address',
      'production',
      'ingress.trustedProxies=null',
      /trustedProxies/,
    ],
    [
      'fewer replicas at most than at least',
      'production',
      'services.order.autoscaling.min=9',
      /autoscaling of order: min is more than max/,
    ],
    ['a network that is none', 'production', 'ingress.trustedProxies={here}', /trustedProxies/],
    ['another environment for one service', 'production', 'env.auth.ENVIRONMENT=development', /environment/],
    ['another environment for all', 'production', 'env.all.ENVIRONMENT=development', /said by environment/],
    ['more partitions than services take', 'production', 'engine.partitions=1025', /partitions/],
    ['a host that is none', 'production', 'ingress.host=a b', /host/],
    ['no name of the Secret', 'production', 'secrets.existing=', /secrets\/existing/],
  ])('refuses %s', (_, set, value, why) => {
    expect(template(set, '--set', value).stderr).toMatch(why);
  });

  test('refuses partitions for a single service: whoever writes commands has to say the same', () => {
    const { stderr } = template('production', '--set-string', 'env.order.ENGINE_PARTITIONS=7');
    expect(stderr).toMatch(/ENGINE_PARTITIONS is said by engine.partitions/);
  });

  test('refuses a release whose name makes others too long', () => {
    const { stderr } = run(['template', 'a'.repeat(41), chart, '-f', valuesOf('trial')]);
    expect(stderr).toMatch(/more than 40 characters/);
  });

  test('Prometheus calls what it scrapes by the job that rules and dashboards ask for', () => {
    const objects = render(chart, 'production');
    const label = objects.find(({ kind }) => kind === 'ServiceMonitor')?.spec?.jobLabel ?? '';
    const rules = readFileSync(join(chart, 'files/rules.yaml'), 'utf8');
    const asked = new Set([...rules.matchAll(/job="([^"]*)"/g)].map(([, job]) => job));
    const scraped = objects.filter(
      ({ kind, metadata }) => kind === 'Service' && metadata.labels?.[PART_OF] === 'andvari',
    );
    expect(scraped).toHaveLength(services.length);
    for (const { metadata } of scraped) expect(asked, metadata.name).toEqual(new Set([metadata.labels?.[label]]));
  });

  test('a setting stands over what the chart says itself, and a secret one comes from the Secret', () => {
    const { stdout } = template(
      'production',
      '--set-string',
      'env.order.LOG_LEVEL=debug',
      '--set',
      'secretEnv.stock={ALPACA_SECRET_KEY}',
    );
    const objects = objectsOf(stdout);
    const told = (service: string, name: string) => envOf(objects, service).filter((one) => one.name === name);
    expect(told('order', 'LOG_LEVEL')).toEqual([{ name: 'LOG_LEVEL', value: 'debug' }]);
    expect(told('stock', 'ALPACA_SECRET_KEY')).toEqual([
      { name: 'ALPACA_SECRET_KEY', valueFrom: { secretKeyRef: { name: 'andvari-secrets', key: 'ALPACA_SECRET_KEY' } } },
    ]);
  });

  test('a migration before an upgrade has its image as a service has it, and runs where that may', () => {
    const { stdout } = template(
      'production',
      '--is-upgrade',
      '--set',
      'image.pullSecrets[0].name=pull,defaults.nodeSelector.disk=fast',
    );
    const jobs = objectsOf(stdout).filter(({ kind }) => kind === 'Job');
    expect(jobs).toHaveLength(services.filter(({ database }) => database !== undefined).length);
    for (const { metadata, spec } of jobs) {
      expect(spec?.template?.spec, metadata.name).toMatchObject({
        imagePullSecrets: [{ name: 'pull' }],
        nodeSelector: { disk: 'fast' },
      });
    }
  });

  test('what the page on Kubernetes has to copy renders, and its pod is one', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/operations/kubernetes.md'), 'utf8');
    const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ''], at) => {
      const file = join(scratch, `page-${at}.yaml`);
      writeFileSync(file, text);
      return file;
    });
    const [cluster = '', prices = '', pod = '', ...others] = blocks;
    expect(others).toEqual([]);
    const { status, stderr, stdout } = template('production', '-f', cluster, '-f', prices);
    expect(status, stderr).toBe(0);
    const told = envOf(objectsOf(stdout), 'gateway').find(({ name }) => name === 'TRUSTED_PROXIES');
    expect(told).toMatchObject({ value: '10.42.0.0/16' });
    if (hasValidator) expect(validate(pod, '1.37')).toMatchObject({ status: 0 });
  });

  test('the notes name every key that a pod asks of the Secret', () => {
    const copy = join(scratch, 'notes');
    cpSync(chart, copy, { recursive: true });
    const notes = readFileSync(join(copy, 'templates/NOTES.txt'), 'utf8');
    writeFileSync(
      join(copy, 'templates/notes.yaml'),
      `{{ define "notes" }}${notes}{{ end }}kind: Notes\nsaid: {{ include "notes" . | toJson }}\n`,
    );
    const objects = render(copy, 'minimal') as (KubernetesObject & { said?: string })[];
    const said = new Set(objects.find(({ kind }) => kind === 'Notes')?.said?.match(/\b[A-Z][A-Z_]+\b/g));
    for (const key of objects.flatMap((object) => podOf(object) ?? []).flatMap(({ spec }) => keysAskedBy(spec))) {
      expect(said).toContain(key);
    }
  });
});

function keysAskedBy(spec: PodSpec): string[] {
  return allOf(spec)
    .flatMap(({ env = [] }) => env)
    .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
}
