import { workspaceTests } from '../../vitest.shared.ts';

export default workspaceTests({ infra: true, first: ['providers/network-provider', 'test/sessions'] });
