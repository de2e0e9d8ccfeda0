import { builder } from '../builder.ts';
import { connectionCost, connectionOfAll } from '../connection.ts';
import { Account } from './account.ts';
import { monthsOf } from './statement-months.ts';

interface StatementFile {
  readonly month: string;
  readonly path: string;
}

export const statementPath = (accountId: string, month: string): string => `/statements/${accountId}/${month}.csv`;

const Statement = builder.objectRef<StatementFile>('Statement').implement({
  description:
    'A month of an account as a file: what was there before, every activity with the balance after it, what is there then.',
  fields: (t) => ({
    month: t.exposeString('month', { description: 'Which month, in the market’s own zone: 2026-11.' }),
    path: t.exposeString('path', {
      description: 'Where the CSV is, at this address and with the same sign-in: a GET.',
    }),
  }),
});

builder.objectFields(Account, (t) => ({
  statements: t.connection(
    {
      type: Statement,
      nullable: true,
      description: 'The months in which anything happened, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'portfolio:read' },
      resolve: async ({ id, openedAtUs }, args, { clients }) => {
        const { timeZone } = await clients.stock.getClock({});
        const { months, boundsUs } = monthsOf(openedAtUs, BigInt(Date.now()) * 1000n, timeZone);
        const { startsUs } = await clients.portfolio.listActiveSpans({ accountId: id, boundsUs });
        const active = new Set(startsUs);
        const files = months
          .filter((_, index) => active.has(boundsUs[index] ?? -1n))
          .map((month) => ({ month, path: statementPath(id, month) }));
        return connectionOfAll(args, files.toReversed(), ({ month }) => month);
      },
    },
    { name: 'StatementConnection', description: 'A page of statements.' },
    { name: 'StatementEdge', description: 'A statement and its place in the list.' },
  ),
}));
