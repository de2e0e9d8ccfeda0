import { wordEnum } from '../word-enum.ts';

export const NotificationKind = wordEnum(
  'NotificationKind',
  'What a user can be told of, and can ask not to be told of.',
  {
    'order.filled': 'An order was filled.',
    'order.rejected': 'An order was rejected.',
    'deposit.settled': 'A deposit has arrived.',
    'auth.login.new_device': 'Somebody signed in from a device that was not known.',
    'onboarding.verified': 'The address is proven.',
    'onboarding.approved': 'An operator approved the profile.',
    'onboarding.rejected': 'An operator rejected the profile.',
  },
);
