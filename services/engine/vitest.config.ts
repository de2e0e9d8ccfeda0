import { workspaceTests } from '../../vitest.shared.ts';

export default workspaceTests({
  infra: true,
  first: ['test/failover', 'test/log-anew', 'test/replay', 'test/against-reference', 'test/laws'],
});
