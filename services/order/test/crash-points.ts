import type { OutgoingEvent } from '@andvari/kit/events/event';
import { Command } from '@andvari/proto/engine/v1/commands';
import { orderPlaced } from '@andvari/proto/events';
import { type App, type AppDeps, createApp } from '../src/app/app.ts';

/** Between every two effects of everything that changes something. */
export const crashPoints = [
  'place: before reserving',
  'place: after reserving',
  'place: inside the transaction',
  'place: after the commit',
  'group: before reserving',
  'group: after reserving',
  'group: inside the transaction',
  'group: after the commit',
  'cancel: inside the transaction',
  'cancel: after the commit',
  'replace: before reserving',
  'replace: after reserving',
  'replace: inside the transaction',
  'replace: after the commit',
  'resubmit: inside the transaction',
  'resubmit: after the commit',
  'apply: before anything',
  'apply: inside the transaction',
  'fence: before anything',
  'fence: after the commit',
  'recover: before anything',
  'recover: after the commit',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** The service's use cases, with a process that ends itself on the spot at the point that it was last told. */
export function crashingApp(at: () => string): (deps: AppDeps) => App {
  const pass = (point: string): void => {
    if (point === at()) process.kill(process.pid, 'SIGKILL');
  };
  return (deps) => {
    const app = createApp({
      ...deps,
      portfolio: {
        ...deps.portfolio,
        async reserve(request) {
          const kind = request.replaces === undefined ? 'place' : 'replace';
          pass(`${kind}: before reserving`);
          const reserved = await deps.portfolio.reserve(request);
          pass(`${kind}: after reserving`);
          return reserved;
        },
        async reserveGroup(request) {
          pass('group: before reserving');
          const reserved = await deps.portfolio.reserveGroup(request);
          pass('group: after reserving');
          return reserved;
        },
      },
      async commit(work) {
        let kind = '';
        const done = await deps.commit(async (tx, say) => {
          const told: OutgoingEvent[] = [];
          const result = await work(tx, (...events) => {
            told.push(...events);
            say(...events);
          });
          kind = kindOf(told);
          pass(`${kind}: inside the transaction`);
          return result;
        });
        pass(`${kind}: after the commit`);
        return done;
      },
    });
    return {
      ...app,
      reporting: {
        ...app.reporting,
        async apply(tx, messages) {
          pass('apply: before anything');
          await app.reporting.apply(tx, messages);
          pass('apply: inside the transaction');
        },
      },
      fencing: {
        async fence(orderId) {
          pass('fence: before anything');
          const answer = await app.fencing.fence(orderId);
          pass('fence: after the commit');
          return answer;
        },
      },
      recovery: {
        async sweep() {
          const [missing] = await deps.db`select from early_reports`;
          if (missing !== undefined) pass('recover: before anything');
          const more = await app.recovery.sweep();
          if (missing !== undefined) pass('recover: after the commit');
          return more;
        },
      },
    };
  };
}

/** A command without the news of an order is one that is sent again. */
function kindOf(told: readonly OutgoingEvent[]): string {
  const isNew = told.some(({ headers }) => headers['ce-type'] === orderPlaced.type);
  for (const { subject, payload } of told) {
    if (!subject.startsWith('cmd.')) continue;
    const kind = Command.decode(payload).body?.$case;
    if (kind === 'cancelOrder') return 'cancel';
    if (kind === 'placeOrder') return isNew ? 'place' : 'resubmit';
    if (kind === 'placeGroup') return isNew ? 'group' : 'resubmit';
    if (kind === 'replaceOrder') return isNew ? 'replace' : 'resubmit';
  }
  return '';
}
