import { workspaceTests } from '../../vitest.shared.ts';

export default workspaceTests({ infra: true, first: ['test/killed', 'test/saga'] });
