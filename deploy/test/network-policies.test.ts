import { describe, expect, test } from 'vitest';
import { services, systemCallers } from '../services.ts';
import {
  chart,
  helm,
  type KubernetesObject,
  objectsOf,
  type PodSelector,
  render,
  template,
  valueSets,
} from './rendered-chart.ts';

/** Who reaches whom in a cluster. */
const resolver = {
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
};
const network = (...ports: number[]) => [
  { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: ports.map((port) => ({ port })) },
];
const infrastructure: Record<string, unknown[]> = {
  minimal: network(5432, 4222, 6379),
  trial: [
    {
      to: [
        {
          podSelector: {
            matchLabels: { 'app.kubernetes.io/instance': 'andvari', 'andvari.dev/bundled': 'true' },
            matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['postgres', 'nats'] }],
          },
        },
      ],
    },
  ],
  production: network(5432, 4222, 6379, 4318),
  'production-ha': network(5432, 4222, 6379, 4318),
};

describe.skipIf(helm === undefined)('the network policies', () => {
  test('a service is let out to what is named for it alone', () => {
    const { stdout } = template(
      'production',
      '--set-json',
      'networkPolicy.egress={"stock":[{"cidr":"0.0.0.0/0","ports":[443]}]}',
    );
    const policies = objectsOf(stdout).filter(({ kind }) => kind === 'NetworkPolicy');
    const open = policies.filter(({ spec }) => JSON.stringify(spec).includes('0.0.0.0/0')).map((o) => o.metadata.name);
    expect(open).toEqual(['andvari-stock']);
  });

  describe.each(Object.keys(valueSets))('with the values of %s', (set) => {
    const objects = render(chart, set);
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');

    test('every pod has one, and only the gateway is open to all', () => {
      for (const { metadata, spec } of objects) {
        if (spec?.template === undefined) continue;
        const { labels } = spec.template.metadata;
        const own = policies.filter((policy) => selects(policy.spec?.podSelector, labels));
        expect(own, metadata.name).toHaveLength(1);
      }
      const open = policies.filter((o) => (o.spec?.ingress ?? []).some((rule) => rule.from === undefined));
      expect(open.map((o) => o.metadata.name)).toEqual(['andvari-gateway']);
    });

    test('who migrates reaches the resolver and the infrastructure alone, from before it starts, and nobody reaches it', () => {
      const policy = policies.find((o) => o.metadata.name === 'andvari-migrations');
      expect(policy?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] });
      expect(policy?.spec?.egress).toEqual([resolver, ...(infrastructure[set] ?? [])]);
      expect(policy?.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-upgrade' });
      const jobs = objects.filter(({ kind }) => kind === 'Job');
      expect(jobs).toHaveLength(services.filter(({ database }) => database !== undefined).length);
      for (const job of jobs) expect(weightOf(job), job.metadata.name).toBeGreaterThan(weightOf(policy));
    });

    test('who is called lets its callers in', () => {
      for (const callee of services.filter(({ protocol }) => protocol === 'grpc')) {
        const policy = objects.find((o) => o.kind === 'NetworkPolicy' && o.metadata.name === `andvari-${callee.name}`);
        const callers = systemCallers.filter(({ calls }) => calls.includes(callee.name)).map(({ name }) => name);
        const allowed = JSON.stringify(policy?.spec?.ingress ?? []);
        for (const caller of callers) expect(allowed, callee.name).toContain(`"${caller}"`);
      }
    });
  });
});

function selects(selector: PodSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

function weightOf(object: KubernetesObject | undefined): number {
  return Number(object?.metadata.annotations?.['helm.sh/hook-weight']);
}
