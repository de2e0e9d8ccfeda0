import { openLog } from '../observe/log.ts';
import { Scope } from '../process/scope.ts';

/** A scope for tests: silent unless LOG_LEVEL says otherwise. Close it in afterAll. */
export function testScope(): Scope {
  return new Scope(openLog('test', process.env['LOG_LEVEL'] ?? 'silent'));
}
