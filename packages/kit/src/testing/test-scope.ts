import { openLog } from '../log.ts';
import { Scope } from '../run.ts';

/** A scope for tests: silent unless LOG_LEVEL says otherwise. Close it in afterAll. */
export function testScope(): Scope {
  return new Scope(openLog('test', process.env['LOG_LEVEL'] ?? 'silent'));
}
