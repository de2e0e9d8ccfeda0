import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { OK, type SystemCommand, WRONG } from '../command.ts';
import { verifySystem } from '../verify/verify-system.ts';

export const verify: SystemCommand = {
  name: 'verify',
  summary: 'Orders against ledger, engine and its stream; the ledger against itself; the audit trail',
  async run(world, _, print) {
    const { differences, orders, fills, unreadable, entries, auditRows } = await verifySystem({
      orders: world.db('order_db'),
      ledger: world.db('portfolio_db'),
      nats: await world.nats(),
      engine: world.rpc('engine', EngineServiceService),
      portfolio: world.rpc('portfolio', PortfolioServiceService),
      security: world.rpc('security', SecurityServiceService),
    });
    if (differences.length > 0)
      print.rows(
        differences.map((one) => ({ ...one })),
        '',
      );
    const nonsense = unreadable === 0 ? '' : `, ${unreadable} messages that nobody can read (see dead-letters ls)`;
    const looked = `${orders} orders, ${fills} fills, ${entries} ledger entries, ${auditRows} audit rows${nonsense}`;
    const sentence =
      differences.length === 0 ? `All agree: ${looked}.` : `${differences.length} differences in ${looked}.`;
    print.outcome(sentence, { orders, fills, unreadable, entries, auditRows, differences: differences.length });
    return differences.length === 0 ? OK : WRONG;
  },
};
