import { workspaceTests } from '../vitest.shared.ts';

export default workspaceTests({
  include: ['*.test.ts', 'e2e/**/*.test.ts', 'chaos/**/*.test.ts'],
  first: ['e2e/web', 'e2e/trading-stories', 'e2e/halt-races', 'e2e/doctor', 'e2e/split'],
});
