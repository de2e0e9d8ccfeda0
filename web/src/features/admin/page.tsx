import { Page } from '../../ui/block.tsx';

export function AdminPage() {
  return <Page title="admin">–</Page>;
}
