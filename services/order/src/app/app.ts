import { createChanging } from './changing.ts';
import type { Deps } from './deps.ts';
import { createExplaining } from './explaining.ts';
import { createFencing } from './fencing.ts';
import { createImporting } from './importing.ts';
import { createOperators } from './operators.ts';
import { createPlacing } from './placing.ts';
import { createPositions } from './positions.ts';
import { createPreviewing } from './previewing.ts';
import { createReading } from './reading.ts';
import { createRecovery } from './recovery.ts';
import { createReporting } from './reporting.ts';
import { createResubmission } from './resubmission.ts';
import { createWriteLane } from './write-lane.ts';

export type App = ReturnType<typeof createApp>;

export interface AppDeps extends Deps {
  houseAccountId: string;
  isQuiet: () => Promise<boolean>;
  resubmitAfterMs: number;
  recoverAfterMs: number;
}

/** The use cases, by what they are about. */
export function createApp(deps: AppDeps) {
  const reporting = createReporting(deps);
  const lane = createWriteLane(deps);
  const placing = createPlacing({ ...deps, lane });
  const changing = createChanging({ ...deps, lane });
  const reading = createReading(deps);
  const positions = createPositions({ ...deps, placing, changing });
  return {
    placing,
    changing,
    reading,
    positions,
    reporting,
    fencing: createFencing(deps),
    importing: createImporting(deps),
    previewing: createPreviewing(deps),
    explaining: createExplaining(deps),
    operators: createOperators({ ...deps, reading, changing, positions }),
    resubmission: createResubmission({ ...deps, afterMs: deps.resubmitAfterMs }),
    recovery: createRecovery({ ...deps, reporting, afterMs: deps.recoverAfterMs }),
  };
}
