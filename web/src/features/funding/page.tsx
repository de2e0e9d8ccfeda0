import { Page } from '../../ui/block.tsx';

export function FundingPage() {
  return <Page title="funding">–</Page>;
}
