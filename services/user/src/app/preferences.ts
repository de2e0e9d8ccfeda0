import { AppError, invalid, notFound } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import {
  changePreferences,
  defaultPreferences,
  type Preferences,
  type PreferencesChange,
  type PreferencesField,
  type PreferencesRefusal,
  withoutMutedSecurity,
} from '../domain/preferences.ts';
import { findPreferences, savePreferences } from '../store/preferences.ts';
import { lockProfile } from '../store/profiles.ts';
import type { Deps } from './deps.ts';

export function createPreferences({ db }: Pick<Deps, 'db'>) {
  return {
    /** Whoever has changed nothing yet has the defaults. */
    async get(userId: string): Promise<Preferences> {
      return preferencesOf(db, userId);
    },

    update(userId: string, change: PreferencesChange, expectedVersion?: bigint): Promise<Preferences> {
      return transaction(db, async (tx) => {
        if ((await lockProfile(tx, userId)) === undefined) throw notFound('profile', userId);
        const current = await preferencesOf(tx, userId);
        if (expectedVersion !== undefined && expectedVersion !== current.version) throw changedSince(current);
        const changed = changePreferences(current, change);
        if ('refused' in changed) throw refusal(changed);
        if (changed !== current) await savePreferences(tx, changed);
        return changed;
      });
    },
  };
}

async function preferencesOf(db: Db | Tx, userId: string): Promise<Preferences> {
  const stored = await findPreferences(db, userId);
  return stored === undefined ? defaultPreferences(userId) : withoutMutedSecurity(stored);
}

function refusal(refused: PreferencesRefusal): AppError {
  const field = fieldNames[refused.field];
  if (refused.refused === 'invalid_field') return invalid(field, refused.problem);
  return invalid(`${field}[${refused.at}]`, refused.problem, refused.refused);
}

function changedSince({ version }: Preferences): AppError {
  return new AppError('failed_precondition', 'the preferences have changed since', {
    reason: 'version_conflict',
    field: 'expected_version',
    numbers: { current: version },
  });
}

const fieldNames: Record<PreferencesField, string> = {
  theme: 'theme',
  displayCurrency: 'display_currency',
  confirmOrders: 'confirm_orders',
  mutedNotifications: 'muted_notifications',
  colours: 'colours',
  density: 'density',
  hideAmounts: 'hide_amounts',
  singleKeysOff: 'single_keys_off',
  numberFormat: 'number_format',
  chartTimeframe: 'chart_timeframe',
  chartView: 'chart_view',
  watchlist: 'watchlist',
  blotterHeight: 'blotter_height',
};
