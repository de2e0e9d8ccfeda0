import { wordEnum } from '../word-enum.ts';

export const NotificationKind = wordEnum(
  'NotificationKind',
  'What a user can be told of. Those that begin with `AUTH_` tell of the account’s security: they cannot be muted.',
  {
    'order.filled': 'An order was filled.',
    'order.rejected': 'An order was rejected.',
    'deposit.settled': 'A deposit has arrived.',
    'auth.login.new_device': 'Somebody signed in from a device that was not known.',
    'auth.factor.enabled': 'A second factor was switched on.',
    'auth.factor.disabled': 'The second factor was switched off, by its owner or by an operator.',
    'auth.factor.guessed': 'A wrong code was given behind a right password, or in a session. Told once a day at most.',
    'auth.factor.recovery_used': 'A recovery code let somebody in, or changed the second factor.',
    'auth.factor.recovery_renewed': 'Recovery codes were made anew.',
    'auth.password.changed': 'The password was changed, or reset by a letter.',
    'auth.api_key.created': 'An API key was made.',
    'onboarding.verified': 'The address is proven.',
    'onboarding.approved': 'An operator approved the profile.',
    'onboarding.rejected': 'An operator rejected the profile.',
  },
);
