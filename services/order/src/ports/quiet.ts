import type { Nats } from '@andvari/kit/nats/nats';
import type { Engine } from './engine.ts';

/**
 * Whether the engine has read all of its log and we all of what it has said: then what is not answered is lost. Whoever cannot be
 * asked may still be at it.
 */
export function quietSystem(nats: Nats, engine: Pick<Engine, 'positions'>, consumer: string): () => Promise<boolean> {
  return async () => {
    try {
      const positions = await engine.positions();
      if (positions.length === 0) return false;
      for (const { partition, appliedSeq } of positions) {
        const last = await nats.jsm.streams.getMessage('COMMANDS', { last_by_subj: `cmd.${partition}.>` });
        if (last !== null && BigInt(last.seq) > appliedSeq) return false;
      }
      const reports = await nats.jsm.consumers.info('EXECUTIONS', consumer);
      return reports.num_pending + reports.num_ack_pending === 0;
    } catch {
      return false;
    }
  };
}
