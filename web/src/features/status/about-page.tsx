import { Page } from '../../ui/block.tsx';

export function AboutPage() {
  return <Page title="About">–</Page>;
}
