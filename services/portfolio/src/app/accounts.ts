import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
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
import { once } from './with-idempotency-key.ts';

const MAX_OPEN_ACCOUNTS = 50;

export type Opening = {
  readonly userId: string;
  readonly kind: AccountKind;
  readonly currency: Currency;
  readonly name: string;
  readonly key: string;
};

export function createAccounts({ db, now, append, wakeRelay }: Deps) {
  return {
    find(id: string): Promise<OpenedAccount | undefined> {
      return findAccount(db, id);
    },

    list(query: Parameters<typeof listAccounts>[1]): Promise<OpenedAccount[]> {
      return listAccounts(db, query);
    },

    async open({ userId, kind, currency, name, key }: Opening): Promise<OpenedAccount> {
      const request = { userId, kind, currency, name };
      return committed(async (tx) => {
        const { answer } = await once(tx, { userId, key, operation: 'open_account', request }, async () => {
          if ((await countAccounts(tx, userId)) >= MAX_OPEN_ACCOUNTS) throw refusal('too_many_accounts');
          const number = accountNumber(await nextAccountSequence(tx));
          const status = 'active' as const;
          const id = uuidv7();
          const empty = { cashPosted: 0n, cashReserved: 0n, closedAtUs: undefined };
          const account = { id, userId, number, kind, currency, name, status, openedAtUs: now(), ...empty };
          await insertAccount(tx, account);
          await append(tx, [accountOpenedEvent(account)]);
          return { id };
        });
        const opened = await findAccount(tx, answer.id);
        if (opened === undefined) throw new Error('an account that was opened is not there');
        return opened;
      });
    },

    rename(id: string, name: string): Promise<OpenedAccount> {
      return committed(async (tx) => {
        const account = await locked(tx, id);
        const refused = refuseAction(account, 'rename');
        if (refused !== undefined) throw refusal(refused);
        await updateAccountName(tx, id, name);
        return { ...account, name };
      });
    },

    close(id: string): Promise<OpenedAccount> {
      return committed(async (tx) => {
        const account = await locked(tx, id);
        const refused = refuseClosing(account, await lockContents(tx, id));
        if (refused !== undefined) throw refusal(refused);
        const closed = { ...account, status: 'closed', closedAtUs: now() } as const;
        await closeAccount(tx, id, closed.closedAtUs);
        await append(tx, [accountClosedEvent(closed)]);
        return closed;
      });
    },

    /** A user's end: the ledger keeps its rows, under the pseudonym. What was erased is erased; told again, it is said again. */
    async erase(tx: Tx, userId: string, pseudonym: string): Promise<void> {
      await pseudonymise(tx, userId, pseudonym);
      const news: OutgoingEvent[] = [userErasedEvent(userId)];
      await append(tx, news);
      wakeRelay();
    },
  };

  async function committed<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const done = await transaction(db, work);
    wakeRelay();
    return done;
  }
}

async function locked(tx: Tx, id: string): Promise<OpenedAccount> {
  const account = (await lockAccounts(tx, [id], 'change')).get(id);
  if (account === undefined) throw refusal('account_not_found');
  return account;
}
