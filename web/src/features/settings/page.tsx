import { Page } from '../../ui/block.tsx';

export function SettingsPage() {
  return <Page title="settings">–</Page>;
}
