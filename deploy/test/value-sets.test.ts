import { describe, expect, test } from 'vitest';
import { madeUpSecrets } from '../make-secrets.ts';
import { callerKeyVariable, callerPairs, callerVariables, services, systemCallers } from '../services.ts';
import {
  allOf,
  type Container,
  chart,
  envOf,
  helm,
  isWorkload,
  type KubernetesObject,
  podOf,
  render,
  specOf,
  valueSets,
} from './rendered-chart.ts';

describe.skipIf(helm === undefined).each(Object.keys(valueSets))('the chart with the values of %s', (set) => {
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
      const container = specOf(objects, name)?.containers[0];
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
      const env = envOf(objects, service.name);
      const key = env.find(({ name }) => name === 'NATS_URL');
      expect(key, service.name).toMatchObject({
        valueFrom: { secretKeyRef: { key: `NATS_URL_${service.name.toUpperCase()}` } },
      });
    }
  });

  test('every service is told the keys between it and those it calls or is called by, and no others', () => {
    for (const service of services) {
      const env = envOf(objects, service.name);
      const told = callerVariables(service.name, callerPairs(systemCallers), (pair) => `$(${callerKeyVariable(pair)})`);
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
      const spec = specOf(objects, name);
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
});

function toldOwner(containers: readonly Container[] = []): Container[] {
  return containers.filter(({ env = [] }) => env.some((one) => one.name === 'POSTGRES_OWNER_URL'));
}

function valueOf(env: readonly { name: string; value?: string }[], name: string): Record<string, string | undefined> {
  const found = env.find((one) => one.name === name);
  return found === undefined ? {} : { [name]: found.value };
}

function megabytes(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  return Number(number) * (unit === 'Gi' ? 1024 : 1);
}

function toldTo(objects: readonly KubernetesObject[], service: string, variable: string): string | undefined {
  return envOf(objects, service).find(({ name }) => name === variable)?.value;
}
