import { AppError, assert } from '@andvari/kit/base/errors';
import type { Watchlist as WatchlistMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { connectionCost, connectionOfAll } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { inCapitals } from '../market/symbols.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { versionFrom } from './update-profile.ts';

/** A node by way of the viewer's own lists: there are few of them, and they come in one call. */
export const Watchlist = builder.loadableNodeRef<WatchlistMessage>('Watchlist', {
  id: { resolve: ({ id }) => id },
  load: loadWatchlists,
});

Watchlist.implement({
  description: 'Symbols that a user watches together.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'symbols' in value,
  // Asked at its fields: a compiled query asks a type without a context, and what is thrown then ends the process.
  authScopes: { mayOneOf: ['watchlist:read', 'watchlist:update'] },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As its user calls it; each name once.' }),
    symbols: t.exposeStringList('symbols', { description: 'In the user’s order.' }),
    version: t.int({
      description: 'Grows with every change; a change may name the version it was made from.',
      resolve: ({ version }) => Number(version),
    }),
  }),
});

const CreateWatchlistInput = builder.inputType('CreateWatchlistInput', {
  description: 'A watchlist to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'As its user calls it, 60 characters at the most.' }),
    symbols: t.stringList({ required: true, description: 'In their order, 200 at the most; may be empty.' }),
  }),
});

const UpdateWatchlistInput = builder.inputType('UpdateWatchlistInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    id: t.globalID({ for: Watchlist, required: true, description: 'The global id of the list.' }),
    name: t.string({ description: 'Its new name.' }),
    symbols: t.stringList({ description: 'The whole new list in its new order.' }),
    expectedVersion: t.int({ description: 'Refused when the list has moved on since.' }),
  }),
});

const DeletedWatchlist = builder.objectRef<{ id: string }>('DeletedWatchlist').implement({
  description: 'A watchlist that is no more.',
  fields: (t) => ({
    deletedId: t.globalID({
      description: 'The global id that it had.',
      resolve: ({ id }) => ({ type: 'Watchlist', id }),
    }),
  }),
});

const ReorderedWatchlists = builder.objectRef<{ watchlists: WatchlistMessage[] }>('ReorderedWatchlists').implement({
  description: 'One’s own watchlists in their new order.',
  fields: (t) => ({
    watchlists: t.field({ type: [Watchlist], description: 'All of them.', resolve: (it) => it.watchlists }),
  }),
});

builder.queryField('watchlists', (t) =>
  t.connection(
    {
      type: Watchlist,
      nullable: true,
      description: 'One’s own watchlists in their order.',
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
    description: 'Makes a watchlist, behind all others.',
    errors: refusals(NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: { input: t.arg({ type: CreateWatchlistInput, required: true }) },
    resolve: async (_, { input: { name, symbols } }, context) => {
      const { userId } = signedIn(context);
      const { watchlist } = await refusing(
        context.clients.user.createWatchlist({ userId, name, symbols: symbols.map(inCapitals) }),
      );
      assert(watchlist, 'CreateWatchlist answered without a watchlist');
      return watchlist;
    },
  }),
  updateWatchlist: t.field({
    type: Watchlist,
    nullable: true,
    description: 'Renames a watchlist, or changes what is in it.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: { input: t.arg({ type: UpdateWatchlistInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { watchlist } = await refusing(
        context.clients.user.updateWatchlist({
          userId: signedIn(context).userId,
          id: input.id.id,
          name: input.name ?? undefined,
          symbols: input.symbols ? { symbols: input.symbols.map(inCapitals) } : undefined,
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
    description: 'Deletes a watchlist.',
    errors: refusals(NotFound),
    authScopes: { may: 'watchlist:update' },
    args: { id: t.arg.globalID({ for: Watchlist, required: true, description: 'The global id of the list.' }) },
    resolve: async (_, { id: { id } }, context) => {
      await refusing(context.clients.user.deleteWatchlist({ userId: signedIn(context).userId, id }));
      return { id };
    },
  }),
  reorderWatchlists: t.field({
    type: ReorderedWatchlists,
    nullable: true,
    description: 'Puts one’s own watchlists into another order.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'watchlist:update' },
    args: {
      ids: t.arg.globalIDList({
        for: Watchlist,
        required: true,
        description: 'The global ids of all of them, each once.',
      }),
    },
    resolve: async (_, { ids }, context) => {
      const request = { userId: signedIn(context).userId, ids: ids.map(({ id }) => id) };
      return refusing(context.clients.user.reorderWatchlists(request));
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
