import { useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../../ui/block.tsx';
import { Tabs } from '../../ui/segmented.tsx';
import { DeletionTab } from './deletion-tab.tsx';
import { KeysTab } from './keys-tab.tsx';
import { PreferencesTab } from './preferences-tab.tsx';
import { ProfileTab } from './profile-tab.tsx';
import { SecurityTab } from './security-tab.tsx';

const tabs = [
  ['profile', 'Profile'],
  ['security', 'Security'],
  ['keys', 'API keys'],
  ['preferences', 'Preferences'],
  ['delete', 'Delete account'],
] as const;
type Tab = (typeof tabs)[number][0];

const contents: Record<Tab, () => ReactNode> = {
  profile: () => <ProfileTab />,
  security: () => <SecurityTab />,
  keys: () => <KeysTab />,
  preferences: () => <PreferencesTab />,
  delete: () => <DeletionTab />,
};

export function SettingsPage() {
  const { tab } = useParams({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const shown: Tab = tabs.find(([each]) => each === tab)?.[0] ?? 'profile';
  return (
    <Page title="Settings">
      <Tabs label="Settings" tabs={tabs} value={shown} onPick={(next) => void navigate({ to: `/settings/${next}` })} />
      <div role="tabpanel" aria-label={shown}>
        {contents[shown]()}
      </div>
    </Page>
  );
}
