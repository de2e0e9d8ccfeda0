import type { Tx } from '@andvari/kit/db/types';
import { v7 as uuidv7 } from 'uuid';
import { type AccountKind, accountNumber, type OpenedAccount, refuseAction, refuseClosing } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';
import { accountClosedEvent, accountOpenedEvent, userErasedEvent } from '../messages/events.ts';
import {
  closeAccount,
  countAccounts,
  findAccount,
  insertAccount,
  listAccounts,
  lockAccounts,
  lockContents,
  nextAccountSequence,
  pseudonymise,
  updateAccountName,
} from '../store/accounts.ts';
import type { Deps } from './deps.ts';
import { refusal } from './refusals.ts';
import { withIdempotencyKey } from './with-idempotency-key.ts';

const MAX_OPEN_ACCOUNTS = 50;

export type Opening = {
  readonly userId: string;
  readonly kind: AccountKind;
  readonly currency: Currency;
  readonly name: string;
  readonly key: string;
};

export function createAccounts({ db, now, commit, append }: Deps) {
  return {
    find(id: string): Promise<OpenedAccount | undefined> {
      return findAccount(db, id);
    },

    list(query: Parameters<typeof listAccounts>[1]): Promise<OpenedAccount[]> {
      return listAccounts(db, query);
    },

    async open({ userId, kind, currency, name, key }: Opening): Promise<OpenedAccount> {
      const request = { userId, kind, currency, name };
      return commit(async (tx, say) => {
        const { answer } = await withIdempotencyKey(
          tx,
          { userId, key, operation: 'open_account', request },
          async () => {
            if ((await countAccounts(tx, userId)) >= MAX_OPEN_ACCOUNTS) throw refusal('too_many_accounts');
            const number = accountNumber(await nextAccountSequence(tx));
            const status = 'active' as const;
            const id = uuidv7();
            const empty = { cashPosted: 0n, cashReserved: 0n, closedAtUs: undefined };
            const account = { id, userId, number, kind, currency, name, status, openedAtUs: now(), ...empty };
            await insertAccount(tx, account);
            say(accountOpenedEvent(account));
            return { id };
          },
        );
        const opened = await findAccount(tx, answer.id);
        if (opened === undefined) throw new Error('an account that was opened is not there');
        return opened;
      });
    },

    rename(id: string, name: string): Promise<OpenedAccount> {
      return commit(async (tx) => {
        const account = await locked(tx, id);
        const refused = refuseAction(account, 'rename');
        if (refused !== undefined) throw refusal(refused);
        await updateAccountName(tx, id, name);
        return { ...account, name };
      });
    },

    close(id: string): Promise<OpenedAccount> {
      return commit(async (tx, say) => {
        const account = await locked(tx, id);
        const refused = refuseClosing(account, await lockContents(tx, id));
        if (refused !== undefined) throw refusal(refused);
        const closed = { ...account, status: 'closed', closedAtUs: now() } as const;
        await closeAccount(tx, id, closed.closedAtUs);
        say(accountClosedEvent(closed));
        return closed;
      });
    },

    /** A user's end: the ledger keeps its rows, under the pseudonym. What was erased is erased; told again, it is said again. */
    async erase(tx: Tx, userId: string, pseudonym: string): Promise<void> {
      await pseudonymise(tx, userId, pseudonym);
      await append(tx, [userErasedEvent(userId)]);
    },
  };
}

async function locked(tx: Tx, id: string): Promise<OpenedAccount> {
  const account = (await lockAccounts(tx, [id], 'change')).get(id);
  if (account === undefined) throw refusal('account_not_found');
  return account;
}
