import { workspaceTests } from '../vitest.shared.ts';

export default workspaceTests({ include: ['*.test.ts', 'e2e/**/*.test.ts'], infra: true, serial: true });
