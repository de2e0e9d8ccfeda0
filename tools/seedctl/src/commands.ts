import type { Command } from './command.ts';
import { deadLetterCommands } from './commands/dead-letters.ts';
import { engineCommands } from './commands/engine.ts';
import { eventCommands } from './commands/events.ts';
import { orderCommands } from './commands/orders.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';

export const commands: readonly Command[] = [
  status,
  verify,
  ...eventCommands,
  ...deadLetterCommands,
  ...engineCommands,
  ...orderCommands,
];
