import { workspaceTests } from '../../vitest.shared.ts';

export default workspaceTests({
  infra: true,
  first: [
    'store/groups',
    'service/corporate-actions-killed',
    'service/killed',
    'service/corporate-actions',
    'domain/replacement-races',
    'store/soak',
    'service/verification',
    'domain/group-races',
  ],
});
