import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findTool } from '@andvari/get/find-tool';
import { parseAllDocuments } from 'yaml';

export const helm = findTool('helm');
const folder = join(import.meta.dirname, '../helm');
export const chart = join(folder, 'andvari');

/** `production-ha` stands upon `production`. */
export const valueSets: Record<string, readonly string[]> = {
  minimal: ['minimal'],
  trial: ['trial'],
  production: ['production'],
  'production-ha': ['production', 'production-ha'],
};

export interface Container {
  image: string;
  securityContext: unknown;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  volumeMounts?: { name: string; mountPath: string }[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { key: string } } }[];
}

export interface PodSpec {
  imagePullSecrets?: { name: string }[];
  nodeSelector?: Record<string, string>;
  securityContext: unknown;
  automountServiceAccountToken: boolean;
  containers: Container[];
  initContainers?: Container[];
}

export interface PodSelector {
  matchLabels?: Record<string, string>;
}

export interface KubernetesObject {
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: {
    replicas?: number;
    minReplicas?: number;
    jobLabel?: string;
    policyTypes?: string[];
    podSelector?: PodSelector;
    ingress?: { from?: unknown }[];
    egress?: unknown[];
    template?: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };
}

export function render(from: string, set: string): KubernetesObject[] {
  return helm === undefined ? [] : objectsOf(rendered(from, set));
}

export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

export function valuesOf(name: string): string {
  return join(folder, 'values', `${name}.yaml`);
}

export function template(set: string, ...more: string[]) {
  return run(['template', 'andvari', chart, '-f', valuesOf(set), ...more]);
}

export function rendered(from: string, set: string): string {
  const values = (valueSets[set] ?? []).flatMap((name) => ['-f', valuesOf(name)]);
  const { stdout, stderr, status } = run(['template', 'andvari', from, ...values]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

export function run(args: string[]) {
  // Without a cluster helm takes itself for one of an old version.
  const version = args[0] === 'template' ? ['--kube-version', '1.35'] : [];
  return spawnSync(helm ?? '', [...args, ...version], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

export function isWorkload({ kind }: KubernetesObject): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet' || kind === 'Rollout';
}

export function podOf(object: KubernetesObject | undefined): { name: string; spec: PodSpec }[] | undefined {
  const spec = object?.spec?.template?.spec;
  return object === undefined || spec === undefined ? undefined : [{ name: object.metadata.name, spec }];
}

export function allOf({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}

/** What runs a service. */
export function specOf(objects: readonly KubernetesObject[], service: string): PodSpec | undefined {
  return podOf(objects.find((object) => isWorkload(object) && object.metadata.name === `andvari-${service}`))?.[0]
    ?.spec;
}

/** What the container of a service finds in its environment. */
export function envOf(objects: readonly KubernetesObject[], service: string): NonNullable<Container['env']> {
  return specOf(objects, service)?.containers[0]?.env ?? [];
}

const validator = findTool('kubernetes-validate');
export const hasValidator = helm !== undefined && validator !== undefined;

/** Objects that others define (certificates, monitors, rollouts) are not Kubernetes' own: their schemas are not here. */
export function validate(file: string, version: string): { status: number | null; output: string } {
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
