import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const exceptionList = z.array(
  z.strictObject({
    /** GHSA-…, as the report's address ends. */
    advisory: z.string().regex(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/),
    package: z.string().min(1),
    /** The last day on which it is accepted: three months from when it was written at the most. */
    until: z.iso.date(),
    /** Why it does not reach us, or what has to happen first. */
    why: z.string().min(20),
  }),
);
export type Exception = z.infer<typeof exceptionList>[number];

const report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      via: z.array(z.union([z.string(), z.object({ name: z.string(), title: z.string(), url: z.string() })])),
    }),
  ),
});

/** What npm knows of the locked packages, or why it could not be asked. */
export function askRegistry(root: string): { report: unknown } | { unreachable: string } {
  const asked = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  try {
    const answer: unknown = JSON.parse(asked.stdout);
    if (report.safeParse(answer).success) return { report: answer };
  } catch {
    // Nothing that can be read is no answer either.
  }
  const why = asked.stderr.split('\n').find((said) => said !== '') ?? 'npm audit said nothing';
  return { unreachable: why };
}

/** What has to be mended, a sentence each: an advisory that nobody accepted, an exception past its day, one that is of no use. */
export function judgeAdvisories(answer: unknown, exceptions: readonly Exception[], today: string): string[] {
  const found = advisoriesIn(answer);
  const open = found.flatMap(({ advisory, package: name, title }) => {
    const exception = exceptions.find((one) => one.advisory === advisory && one.package === name);
    if (exception === undefined) return [`${name}: ${title} (${advisory})`];
    return exception.until < today ? [`${name}: ${advisory} was accepted until ${exception.until}`] : [];
  });
  const idle = exceptions
    .filter(({ advisory, package: name }) => !found.some((one) => one.advisory === advisory && one.package === name))
    .map(({ advisory, package: name }) => `${name}: ${advisory} is mended, take its exception out`);
  return [...open, ...idle];
}

function advisoriesIn(answer: unknown) {
  const all = Object.values(report.parse(answer).vulnerabilities).flatMap(({ via }) =>
    via.flatMap((one) => (typeof one === 'string' ? [] : [one])),
  );
  const known = new Map(all.map(({ name, title, url }) => [`${name} ${url}`, { name, title, url }]));
  return [...known.values()].map(({ name, title, url }) => {
    return { package: name, title, advisory: url.slice(url.lastIndexOf('/') + 1) };
  });
}

const LONGEST_MS = 92 * 86_400_000;

/** The written exceptions; one that is accepted for too long is none. */
export function readExceptions(root: string, now = Date.now()): readonly Exception[] {
  const file = join(root, 'tests/gates/exceptions.json');
  const list = exceptionList.parse(JSON.parse(readFileSync(file, 'utf8')));
  const long = list.find(({ until }) => Date.parse(until) > now + LONGEST_MS);
  if (long !== undefined) throw new Error(`${long.advisory} is accepted until ${long.until}: three months at the most`);
  return list;
}
