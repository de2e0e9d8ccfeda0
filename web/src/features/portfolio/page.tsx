import { Page } from '../../ui/block.tsx';

export function PortfolioPage() {
  return <Page title="portfolio">–</Page>;
}
