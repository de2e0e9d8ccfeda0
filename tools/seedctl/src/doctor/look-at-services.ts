import type { SystemPlaces } from '../system.ts';
import type { Complaint, Runbook } from './complaint.ts';
import { judgeLeaders, judgeMetrics } from './judge-metrics.ts';
import { type Sample, samplesIn } from './read-metrics.ts';

const TIMEOUT_MS = 5000;
/** What the signatures of callers allow is more; the date of an answer is of whole seconds. */
const MOST_APART_MS = 5000;

/** What each service says of itself: whether it is ready, what it measures, what time it thinks it is. */
export async function lookAtServices({ services, gateway }: SystemPlaces): Promise<Complaint[]> {
  const looked = await Promise.all(Object.entries(services).map(([name, { admin }]) => lookAt(name, admin)));
  const door = await answerOf(`${gateway}/graphql`).then(
    () => [],
    (error: Error) => [complaint('gateway', `nobody answers at ${gateway}: ${error.message}`, 'target-down')],
  );
  return [
    ...looked.flatMap(({ complaints }) => complaints),
    ...door,
    ...judgeLeaders(looked.flatMap(({ samples }) => samples)),
  ];
}

async function lookAt(name: string, admin: string): Promise<{ complaints: Complaint[]; samples: Sample[] }> {
  try {
    const askedAtMs = Date.now();
    const ready = await answerOf(`${admin}/readyz`);
    const answeredAtMs = Date.now();
    const said = (await ready.text()).trim();
    const samples = samplesIn(await (await answerOf(`${admin}/metrics`)).text());
    const complaints = [
      ...(ready.ok ? [] : said.split('\n').map((line) => complaint(name, `not ready: ${line}`, runbookFor(line)))),
      ...judgeClock(name, ready.headers.get('date'), { askedAtMs, answeredAtMs }),
      ...judgeMetrics(name, samples, answeredAtMs / 1000),
    ];
    return { complaints, samples };
  } catch (error) {
    return { complaints: [complaint(name, `does not answer: ${reasonOf(error)}`, 'target-down')], samples: [] };
  }
}

/** Between asking and being answered it was some time there; only what lies outside of that is another clock. */
export function judgeClock(
  where: string,
  date: string | null,
  { askedAtMs, answeredAtMs }: { askedAtMs: number; answeredAtMs: number },
): Complaint[] {
  const thereMs = Date.parse(date ?? '');
  if (Number.isNaN(thereMs)) return [];
  const apartMs = Math.max(askedAtMs - thereMs, thereMs - answeredAtMs);
  if (apartMs <= MOST_APART_MS) return [];
  return [complaint(where, `its clock and the one here are ${Math.round(apartMs / 1000)} s apart`, 'clock-skew')];
}

function runbookFor(line: string): Runbook {
  if (line.startsWith('postgres')) return 'postgres-down';
  if (line.startsWith('nats')) return 'nats-down';
  if (line.startsWith('redis')) return 'redis-down';
  return 'target-down';
}

function answerOf(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message: string };
  return cause?.code ?? message;
}

function complaint(where: string, what: string, runbook: Runbook): Complaint {
  return { where, what, runbook };
}
