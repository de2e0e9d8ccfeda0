import { invalid } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import type { Db, Tx } from '@andvari/kit/db/types';
import { accountNumber } from '../domain/account.ts';
import { type ImportedAccount, ledgersOpened, ledgersShared, type Mark } from '../domain/imported-account.ts';
import { findAccountFacts } from '../store/account-facts.ts';
import { nextAccountSequences } from '../store/accounts.ts';
import { insertImportedAccounts, saveImported, withIds } from '../store/import-accounts.ts';
import { findCurrencies } from '../store/instruments.ts';
import { lockLedger } from '../store/locked-ledger.ts';
import { replayPast } from './replay-past.ts';

/**
 * Longer than an outbox keeps what it has told. What was settled since the oldest of that must have been told as well, which is how an event that
 * was lost is found; what is imported never was.
 */
const NEWEST_US = 10n * 86_400_000_000n;

type ImportingDeps = { db: Db; now: () => bigint; houseAccountId: string };

export function createImporting({ db, now, houseAccountId }: ImportingDeps) {
  return {
    /**
     * Accounts with their past, all of them or none. Those that are there are left as they are; nobody is told of the others. Answers how many
     * those were.
     */
    async importAccounts(accounts: readonly ImportedAccount[], marks: readonly Mark[]): Promise<number> {
      requireOld(accounts, now() - NEWEST_US);
      const once = async (tx: Tx): Promise<number> => {
        const sequences = await nextAccountSequences(tx, accounts.length);
        const inserted = await insertImportedAccounts(
          tx,
          accounts.map((account, index) => ({ ...account, number: accountNumber(sequences[index] ?? 0) })),
        );
        const fresh = accounts.filter(({ id }) => inserted.has(id));
        if (fresh.length === 0) return 0;
        const symbols = new Set(fresh.flatMap(({ orders }) => orders.map(({ symbol }) => symbol)));
        const currencies = await findCurrencies(tx, [...symbols]);
        const facts = await findAccountFacts(tx, [houseAccountId, ...inserted]);
        const opened = await withIds(tx, ledgersOpened(fresh));
        const ledger = await lockLedger(tx, ledgersShared(fresh, houseAccountId));
        for (const each of opened) ledger.open(each.ledger, each.id);
        const past = replayPast({ ledger, accounts: facts, currencies }, fresh, marks, houseAccountId);
        await saveImported(tx, ledger, { accounts: fresh, ...past });
        return fresh.length;
      };
      // Whoever imports does it again after a crash.
      return transaction(db, once, { bulk: true });
    },
  };
}

function requireOld(accounts: readonly ImportedAccount[], newestUs: bigint): void {
  const young = accounts.find(({ openedAtUs, orders }) => {
    return openedAtUs > newestUs || orders.some(({ endedAtUs }) => endedAtUs > newestUs);
  });
  if (young !== undefined) throw invalid('accounts', `the past of ${young.id} should have ended ten days ago`);
}
