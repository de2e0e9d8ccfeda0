import { Page } from '../../ui/block.tsx';

export function StatusPage() {
  return <Page title="status">–</Page>;
}
