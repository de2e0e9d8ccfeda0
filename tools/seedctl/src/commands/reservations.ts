import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { OK, type SystemCommand, WRONG } from '../command.ts';
import { reserveAnew } from '../repair/reserve-anew.ts';

export const restoreReservations: SystemCommand = {
  name: 'reservations restore',
  summary:
    'After an older backup of portfolio_db: reserves anew for orders placed since, and has what waited for it applied',
  changes: true,
  async run(world, _, print) {
    const portfolio = world.rpc('portfolio', PortfolioServiceService);
    const { left, ...done } = await reserveAnew(world.db('order_db'), world.db('portfolio_db'), portfolio);
    if (left.length > 0) print.rows(left, '');
    const { reserved, released, requeued } = done;
    print.outcome(
      `${reserved} orders hold again what they held, ${released} of them had ended; ${requeued} reports were applied; ${left.length} orders are left.`,
      { ...done, left: left.length },
    );
    return left.length === 0 ? OK : WRONG;
  },
};
