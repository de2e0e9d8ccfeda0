import { Page } from '../../ui/block.tsx';

export function InboxPage() {
  return <Page title="inbox">–</Page>;
}
