import { AppError, assert } from '@andvari/kit/base/errors';
import type { Watchlist as WatchlistMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { connectionCost, connectionOfAll } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { versionFrom } from './update-profile.ts';

/** A node by way of the viewer's own lists: there are few of them, and they come in one call. */
export const Watchlist = builder.loadableNodeRef<WatchlistMessage>('Watchlist', {
  id: { resolve: ({ id }) => id },
  load: loadWatchlists,
});

Watchlist.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'symbols' in value,
  // Asked at its fields: a compiled query asks a type without a context, and what is thrown then ends the process.
  authScopes: { may: 'watchlist:read' },
  fields: (t) => ({
    name: t.exposeString('name'),
    symbols: t.exposeStringList('symbols', { description: 'In the user’s order.' }),
    version: t.int({ resolve: ({ version }) => Number(version) }),
  }),
});

const CreateWatchlistInput = builder.inputType('CreateWatchlistInput', {
  fields: (t) => ({ name: t.string({ required: true }), symbols: t.stringList({ required: true }) }),
});

const UpdateWatchlistInput = builder.inputType('UpdateWatchlistInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    id: t.globalID({ for: Watchlist, required: true }),
    name: t.string(),
    symbols: t.stringList({ description: 'The whole new list in its new order.' }),
    expectedVersion: t.int(),
  }),
});

const DeletedWatchlist = builder.objectRef<{ id: string }>('DeletedWatchlist').implement({
  fields: (t) => ({ deletedId: t.globalID({ resolve: ({ id }) => ({ type: 'Watchlist', id }) }) }),
});

const ReorderedWatchlists = builder.objectRef<{ count: number }>('ReorderedWatchlists').implement({
  fields: (t) => ({ count: t.exposeInt('count') }),
});

builder.queryField('watchlists', (t) =>
  t.connection(
    {
      type: Watchlist,
      nullable: true,
      complexity: connectionCost,
      authScopes: { may: 'watchlist:read' },
      resolve: async (_, args, context) => connectionOfAll(args, await ownWatchlists(context), ({ id }) => id),
    },
    { name: 'WatchlistConnection' },
    { name: 'WatchlistEdge' },
  ),
);

builder.mutationFields((t) => ({
  createWatchlist: t.field({
    type: Watchlist,
    nullable: true,
    errors: refusals(NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: { input: t.arg({ type: CreateWatchlistInput, required: true }) },
    resolve: async (_, { input: { name, symbols } }, context) => {
      const { userId } = signedIn(context);
      const { watchlist } = await refusing(context.clients.user.createWatchlist({ userId, name, symbols }));
      assert(watchlist, 'CreateWatchlist answered without a watchlist');
      return watchlist;
    },
  }),
  updateWatchlist: t.field({
    type: Watchlist,
    nullable: true,
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: { input: t.arg({ type: UpdateWatchlistInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { watchlist } = await refusing(
        context.clients.user.updateWatchlist({
          userId: signedIn(context).userId,
          id: input.id.id,
          name: input.name ?? undefined,
          symbols: input.symbols ? { symbols: input.symbols } : undefined,
          expectedVersion: versionFrom(input.expectedVersion),
        }),
      );
      assert(watchlist, 'UpdateWatchlist answered without a watchlist');
      return watchlist;
    },
  }),
  deleteWatchlist: t.field({
    type: DeletedWatchlist,
    nullable: true,
    errors: refusals(NotFound),
    authScopes: { may: 'watchlist:update' },
    args: { id: t.arg.globalID({ for: Watchlist, required: true }) },
    resolve: async (_, { id: { id } }, context) => {
      await refusing(context.clients.user.deleteWatchlist({ userId: signedIn(context).userId, id }));
      return { id };
    },
  }),
  reorderWatchlists: t.field({
    type: ReorderedWatchlists,
    nullable: true,
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: { ids: t.arg.globalIDList({ for: Watchlist, required: true }) },
    resolve: async (_, { ids }, context) => {
      const request = { userId: signedIn(context).userId, ids: ids.map(({ id }) => id) };
      const { watchlists } = await refusing(context.clients.user.reorderWatchlists(request));
      return { count: watchlists.length };
    },
  }),
}));

async function ownWatchlists(context: GatewayContext): Promise<WatchlistMessage[]> {
  return (await context.clients.user.listWatchlists({ userId: signedIn(context).userId })).watchlists;
}

async function loadWatchlists(ids: string[], context: GatewayContext): Promise<(WatchlistMessage | Error)[]> {
  const own = new Map((await ownWatchlists(context)).map((watchlist) => [watchlist.id, watchlist]));
  return ids.map((id) => own.get(id) ?? new AppError('not_found', 'no such watchlist'));
}
