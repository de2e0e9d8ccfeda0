import { Page } from '../../ui/block.tsx';

export function ActivityPage() {
  return <Page title="Activity">–</Page>;
}
