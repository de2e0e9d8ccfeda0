import { useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { staffParts } from '../../api/staff-parts.ts';
import { useData } from '../../api/use-data.ts';
import { Block, Page } from '../../ui/block.tsx';
import { Tabs } from '../../ui/segmented.tsx';
import { ActionsTab } from './actions-tab.tsx';
import { AuditTab } from './audit-tab.tsx';
import { DeadLettersTab } from './dead-letters-tab.tsx';
import { MyRights } from './documents.ts';
import { FeesTab } from './fees-tab.tsx';
import { HaltsTab } from './halts-tab.tsx';
import { RolesTab } from './roles-tab.tsx';
import { UsersTab } from './users-tab.tsx';

type Tab = (typeof staffParts)[number]['tab'];
const contents: Record<Tab, (permissions: readonly string[], userId: string | undefined) => ReactNode> = {
  users: (permissions, userId) => <UsersTab mayRemoveFactors={permissions.includes('factor:remove')} self={userId} />,
  roles: () => <RolesTab />,
  halts: () => <HaltsTab />,
  actions: () => <ActionsTab />,
  fees: () => <FeesTab />,
  letters: (permissions) => <DeadLettersTab mayDecide={permissions.includes('ledger:adjust')} />,
  audit: () => <AuditTab />,
};

/** What staff do from here. What somebody may not do is not shown, and the services refuse it all the same. */
export function AdminPage() {
  const { tab } = useParams({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const { data, isLoading, error, reload } = useData(MyRights, {});
  return (
    <Page title="Administration">
      <Block
        data={data?.myPermissions}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your rights"
        isEmpty={({ permissions }) => !staffParts.some(({ right }) => permissions.includes(right))}
        empty="This page is for staff."
      >
        {({ permissions }) => {
          const allowed = staffParts.filter(({ right }) => permissions.includes(right));
          const shown = allowed.find((each) => each.tab === tab) ?? allowed[0];
          if (shown === undefined) return null;
          return (
            <>
              <Tabs
                label="Administration"
                tabs={allowed.map((each) => [each.tab, each.label] as const)}
                value={shown.tab}
                onPick={(next) => void navigate({ to: `/admin/${next}` })}
              />
              <div role="tabpanel" aria-label={shown.label}>
                {contents[shown.tab](permissions, data?.me?.userId)}
              </div>
            </>
          );
        }}
      </Block>
    </Page>
  );
}
