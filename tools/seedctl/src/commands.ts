import type { Command } from './command.ts';
import { certs } from './commands/certs.ts';
import { completionOf } from './commands/completion.ts';
import { configCheck } from './commands/config-check.ts';
import { deadLetterCommands } from './commands/dead-letters.ts';
import { doctor } from './commands/doctor.ts';
import { engineCommands } from './commands/engine.ts';
import { eventCommands } from './commands/events.ts';
import { orderCommands } from './commands/orders.ts';
import { restoreReservations } from './commands/reservations.ts';
import { reset } from './commands/reset.ts';
import { seed } from './commands/seed.ts';
import { status } from './commands/status.ts';
import { streamCommands } from './commands/streams.ts';
import { verify } from './commands/verify.ts';

export const commands: readonly Command[] = [
  status,
  doctor,
  verify,
  seed,
  reset,
  ...eventCommands,
  ...streamCommands,
  restoreReservations,
  ...deadLetterCommands,
  ...engineCommands,
  ...orderCommands,
  configCheck,
  certs,
  completionOf(() => commands),
];
