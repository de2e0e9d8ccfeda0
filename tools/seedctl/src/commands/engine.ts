import { toPrice, toQuantity } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import { type BookLevel, EngineServiceService, PartitionRole } from '@andvari/proto/engine/v1/engine';
import { OK, type SystemCommand, WRONG } from '../command.ts';
import { CommandError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';

const book: SystemCommand = {
  name: 'engine book',
  usage: 'SYMBOL',
  summary: 'What rests in the book of a symbol, the best prices in the middle',
  words: { from: 1, to: 1 },
  options: { depth: { type: 'string' } },
  async run(world, { positionals: [symbol = ''], values }, print) {
    const depth = wholeNumber('--depth', values['depth'], { from: 1, to: 200 }) ?? 10;
    const answer = await world.rpc('engine', EngineServiceService).getBook({ symbol: symbol.toUpperCase(), depth });
    if (answer.book === undefined) throw new CommandError(`the engine has no book of ${symbol}`);
    const { asks, bids } = answer.book;
    const levels = [...asks.toReversed().map(levelOf('sell')), ...bids.map(levelOf('buy'))];
    print.rows(levels, `Nobody offers or asks for ${symbol}.`);
    return OK;
  },
};

const stats: SystemCommand = {
  name: 'engine stats',
  summary: 'Each partition: who leads it, how far it has read, what rests in it, its snapshot',
  async run(world, _, print) {
    const { partitions } = await world.rpc('engine', EngineServiceService).getStats({});
    print.rows(
      partitions.map((partition) => ({
        partition: partition.partition,
        role: roles[partition.role],
        applied: partition.appliedSeq,
        resting: partition.restingOrders,
        books: partition.books,
        snapshot: partition.snapshotSeq,
        hash: partition.stateHash,
      })),
      'The engine has no partition.',
    );
    return partitions.some(({ role }) => role === PartitionRole.PARTITION_ROLE_LEADER) ? OK : WRONG;
  },
};

const roles: Readonly<Record<PartitionRole, string>> = {
  [PartitionRole.PARTITION_ROLE_UNSPECIFIED]: 'unknown',
  [PartitionRole.PARTITION_ROLE_LEADER]: 'leader',
  [PartitionRole.PARTITION_ROLE_STANDBY]: 'standby',
  [PartitionRole.PARTITION_ROLE_RECOVERING]: 'recovering',
  [PartitionRole.UNRECOGNIZED]: 'unknown',
};

export const engineCommands: readonly SystemCommand[] = [book, stats];

function levelOf(side: string) {
  return ({ px, qty, orders }: BookLevel) => ({
    side,
    price: format(toPrice(px)),
    quantity: format(toQuantity(qty)),
    orders,
  });
}
