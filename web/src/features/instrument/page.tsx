import { Page } from '../../ui/block.tsx';

export function InstrumentPage() {
  return <Page title="instrument">–</Page>;
}
