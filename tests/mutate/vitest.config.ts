import { workspaceTests } from '../../vitest.shared.ts';

/** Without servers: also what the areas run with whose tests are of pure functions alone. */
export default workspaceTests();
