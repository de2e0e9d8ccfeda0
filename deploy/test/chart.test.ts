import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@andvari/get/find-tool';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { madeUpSecrets } from '../make-secrets.ts';
import { callerKeyVariable, callerPairs, callerVariables, services, systemCallers } from '../services.ts';
import { chartNatsUsers, chartNatsUsersFile, chartServices, chartServicesFile } from '../write-chart-files.ts';
import {
  type Container,
  chart,
  helm,
  isWorkload,
  type KubernetesObject,
  objectsOf,
  type PodSpec,
  podOf,
  render,
  rendered,
  run,
  template,
  valueSets,
  valuesOf,
} from './rendered-chart.ts';

const validator = findTool('kubernetes-validate');
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
    ['no name of the Secret', 'production', 'secrets.existing=', /secrets\/existing/],
  ])('refuses %s', (_, set, value, why) => {
    expect(template(set, '--set', value).stderr).toMatch(why);
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
    if (validator !== undefined) expect(validate(pod, '1.37')).toMatchObject({ status: 0 });
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

  describe.each(Object.keys(valueSets))('with the values of %s', (set) => {
    const objects = render(chart, set);
    const pods = objects.flatMap((object) => podOf(object) ?? []);

    test('every service has a workload and a Service', () => {
      for (const { name } of services) {
        expect(objects.filter((o) => isWorkload(o) && o.metadata.name === `andvari-${name}`)).toHaveLength(1);
        expect(objects.filter((o) => o.kind === 'Service' && o.metadata.name === `andvari-${name}`)).toHaveLength(1);
      }
    });

    test('nothing runs as root, writes to its root, or may become more than it is', () => {
      for (const { name, spec } of pods) {
        expect(spec.securityContext, name).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(spec.automountServiceAccountToken, name).toBe(false);
        for (const { securityContext } of allOf(spec)) {
          expect(securityContext, name).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
        }
      }
    });

    test('every container has requests and limits, and an image of one version', () => {
      for (const { name, spec } of pods) {
        for (const { image, resources } of allOf(spec)) {
          expect(image, name).toMatch(/:[\w.-]+$/);
          expect(image, name).not.toMatch(/:latest$/);
          for (const kind of ['requests', 'limits'] as const) {
            expect(resources[kind], name).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
          }
        }
      }
    });

    test('who writes commands and who applies them count the same partitions, and each of them is followed', () => {
      const partitions = toldTo(objects, 'engine', 'ENGINE_PARTITIONS');
      expect(toldTo(objects, 'order', 'ENGINE_PARTITIONS')).toBe(partitions);
      expect(toldTo(objects, 'stock', 'ENGINE_PARTITIONS')).toBe(partitions);
      const all = Array.from({ length: Number(partitions) }, (_, number) => number).join(',');
      expect(toldTo(objects, 'engine', 'ENGINE_OWNED')).toBe(all);
    });

    test('whatever serves is probed', () => {
      for (const object of objects.filter(isWorkload)) {
        for (const container of podOf(object)?.[0]?.spec.containers ?? []) {
          for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
            expect(container, object.metadata.name).toHaveProperty(probe);
          }
        }
      }
    });

    test('a memory limit leaves room beside the heap', () => {
      for (const { heap, name } of services) {
        const container = podOf(objects.find((o) => isWorkload(o) && o.metadata.name === `andvari-${name}`))?.[0]?.spec
          .containers[0];
        if (heap === undefined || container === undefined) continue;
        expect(megabytes(container.resources.limits.memory ?? ''), name).toBeGreaterThanOrEqual(1.5 * heap.oldMb + 80);
      }
    });

    test('a secret comes by reference only', () => {
      const secretNames = new Set([...madeUpSecrets, 'POSTGRES_URL', 'POSTGRES_OWNER_URL', 'NATS_URL', 'REDIS_URL']);
      for (const { name, spec } of pods) {
        for (const { env = [] } of allOf(spec)) {
          for (const variable of env.filter((one) => secretNames.has(one.name))) {
            expect(variable, `${name} ${variable.name}`).toHaveProperty('valueFrom.secretKeyRef');
          }
        }
      }
      if (set !== 'trial') expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    });

    test('every service is at NATS as a user of its own', () => {
      for (const service of services) {
        const workload = objects.find((o) => isWorkload(o) && o.metadata.name === `andvari-${service.name}`);
        const env = podOf(workload)?.[0]?.spec.containers[0]?.env ?? [];
        const key = env.find(({ name }) => name === 'NATS_URL');
        expect(key, service.name).toMatchObject({
          valueFrom: { secretKeyRef: { key: `NATS_URL_${service.name.toUpperCase()}` } },
        });
      }
    });

    test('every service is told the keys between it and those it calls or is called by, and no others', () => {
      for (const service of services) {
        const workload = objects.find((o) => isWorkload(o) && o.metadata.name === `andvari-${service.name}`);
        const env = podOf(workload)?.[0]?.spec.containers[0]?.env ?? [];
        const told = callerVariables(
          service.name,
          callerPairs(systemCallers),
          (pair) => `$(${callerKeyVariable(pair)})`,
        );
        expect({ ...valueOf(env, 'CALLERS'), ...valueOf(env, 'CALLEES') }, service.name).toEqual(told);
        const mine = callerPairs(systemCallers).filter((pair) => Object.values(pair).includes(service.name));
        expect(
          env.map(({ name }) => name).filter((name) => /^CALLER_.*_TO_/.test(name)),
          service.name,
        ).toEqual(mine.map(callerKeyVariable));
        // Kubernetes puts in only what stands before it.
        expect(env.findIndex(({ name }) => name === 'CALLERS' || name === 'CALLEES')).toBeGreaterThan(
          env.findLastIndex(({ name }) => name.includes('_TO_')),
        );
      }
    });

    test('no process that serves is told the role that owns its tables; whoever migrates is', () => {
      for (const { name, database } of services) {
        const workload = objects.find((o) => isWorkload(o) && o.metadata.name === `andvari-${name}`);
        const spec = podOf(workload)?.[0]?.spec;
        expect(toldOwner(spec?.containers), name).toEqual([]);
        expect(toldOwner(spec?.initContainers), name).toHaveLength(database === undefined ? 0 : 1);
      }
    });

    test('whoever is told of a folder with certificates has it', () => {
      for (const { name, spec } of pods) {
        for (const { env = [], volumeMounts = [] } of allOf(spec)) {
          const told = env.flatMap((one) => (one.name === 'TLS_DIR' ? [one.value] : []));
          expect(
            volumeMounts.map(({ mountPath }) => mountPath),
            name,
          ).toEqual(expect.arrayContaining(told));
        }
      }
    });

    test('more than one replica has a disruption budget', () => {
      const budgets = new Set(objects.filter(({ kind }) => kind === 'PodDisruptionBudget').map((o) => o.metadata.name));
      const scaled = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
      const several = [
        ...objects.filter((o) => isWorkload(o) && (o.spec?.replicas ?? 1) > 1),
        ...scaled.filter((o) => (o.spec?.minReplicas ?? 1) > 1),
      ].map((o) => o.metadata.name);
      for (const name of several) expect(budgets, set).toContain(name);
    });

    test.skipIf(validator === undefined).each(['1.35', '1.36', '1.37'])(
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

  test.skipIf(validator === undefined)('a misspelt field in any template is found', { timeout: 120_000 }, () => {
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
});

/** Objects that others define (certificates, monitors, rollouts) are not Kubernetes' own: their schemas are not here. */
function validate(file: string, version: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(validator ?? '', ['-k', version, '--strict', file], {
    encoding: 'utf8',
  });
  return {
    status,
    output: `${stdout}${stderr}`
      .split('\n')
      .filter((line) => !line.startsWith('INFO'))
      .join('\n'),
  };
}

function allOf({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}

function toldOwner(containers: readonly Container[] = []): Container[] {
  return containers.filter(({ env = [] }) => env.some((one) => one.name === 'POSTGRES_OWNER_URL'));
}

function keysAskedBy(spec: PodSpec): string[] {
  return allOf(spec)
    .flatMap(({ env = [] }) => env)
    .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
}

function valueOf(env: readonly { name: string; value?: string }[], name: string): Record<string, string | undefined> {
  const found = env.find((one) => one.name === name);
  return found === undefined ? {} : { [name]: found.value };
}

function megabytes(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  return Number(number) * (unit === 'Gi' ? 1024 : 1);
}

/** What the container of a service finds in its environment. */
function envOf(objects: readonly KubernetesObject[], service: string): NonNullable<Container['env']> {
  const workload = objects.find((object) => isWorkload(object) && object.metadata.name === `andvari-${service}`);
  return podOf(workload)?.[0]?.spec.containers[0]?.env ?? [];
}

function toldTo(objects: readonly KubernetesObject[], service: string, variable: string): string | undefined {
  return envOf(objects, service).find(({ name }) => name === variable)?.value;
}
