/** What staff do from here, and the right that each part asks for: whoever lacks it does not see it in the menu. */
export const staffParts = [
  { tab: 'users', label: 'Users', right: 'profile:read' },
  { tab: 'roles', label: 'Roles', right: 'role:read' },
  { tab: 'halts', label: 'Halts', right: 'market:halt' },
  { tab: 'actions', label: 'Corporate actions', right: 'corporate_action:apply' },
  { tab: 'fees', label: 'Fees', right: 'fee_schedule:set' },
  { tab: 'letters', label: 'Dead letters', right: 'ledger:verify' },
  { tab: 'audit', label: 'Audit trail', right: 'audit:read' },
] as const;
