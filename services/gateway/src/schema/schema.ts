/* oxlint-disable import/no-unassigned-import -- each of these adds its part to the builder */
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { describeCommon } from './describe-common.ts';
import { forwardOnly } from './forward-only.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import './scalars.ts';
import './health/health.ts';
import './health/status.ts';
import './auth/api-keys.ts';
import './auth/password.ts';
import './auth/second-factor.ts';
import './auth/sessions.ts';
import './market/bars.ts';
import './market/book.ts';
import './market/clock.ts';
import './market/instrument.ts';
import './market/market-stream.ts';
import './market/movers.ts';
import './market/operators.ts';
import './market/quote.ts';
import './portfolio/account.ts';
import './portfolio/account-mutations.ts';
import './portfolio/dead-letters.ts';
import './portfolio/funding.ts';
import './portfolio/holdings.ts';
import './portfolio/live.ts';
import './portfolio/operators.ts';
import './portfolio/statements.ts';
import './portfolio/summary.ts';
import './portfolio/transfer.ts';
import './security/audit.ts';
import './security/roles.ts';
import './trading/close.ts';
import './trading/live.ts';
import './trading/place.ts';
import './trading/preview.ts';
import './trading/queries.ts';
import './trading/story.ts';
import './user/account-deletion.ts';
import './user/notifications.ts';
import './user/preferences.ts';
import './user/update-profile.ts';
import './user/user.ts';
import './user/watchlists.ts';

/** The whole of it. Each import above adds its fields to the builder; a new domain is a folder and its lines here. */
export function buildSchema(): GraphQLSchema {
  return refuseUnknown(describeCommon(forwardOnly(builder.toSchema())));
}
