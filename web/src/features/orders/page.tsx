import { Page } from '../../ui/block.tsx';

export function OrdersPage() {
  return <Page title="orders">–</Page>;
}
