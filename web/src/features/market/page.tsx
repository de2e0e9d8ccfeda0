import { Page } from '../../ui/block.tsx';

export function MarketsPage() {
  return <Page title="market">–</Page>;
}
