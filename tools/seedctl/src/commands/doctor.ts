import { OK, type SystemCommand, WRONG } from '../command.ts';
import { lookAtDatabases } from '../doctor/look-at-databases.ts';
import { lookAtServices } from '../doctor/look-at-services.ts';
import { lookAtStreams } from '../doctor/look-at-streams.ts';

export const doctor: SystemCommand = {
  name: 'doctor',
  summary: 'What is wrong with this system, in words, and the runbook that says what to do about it',
  async run(world, _, print) {
    const looked = await Promise.all([lookAtServices(world.places), lookAtDatabases(world), lookAtStreams(world)]);
    const complaints = looked.flat();
    if (complaints.length > 0) {
      print.rows(
        complaints.map(({ where, what, runbook }) => ({ where, what, runbook: `docs/runbooks/${runbook}.md` })),
        '',
      );
      return WRONG;
    }
    const [services, databases] = [world.places.services, world.places.databases].map((all) => Object.keys(all).length);
    print.outcome(`Nothing is wrong with ${services} services, ${databases} databases and their streams.`, {
      services,
      databases,
      complaints: 0,
    });
    return OK;
  },
};
