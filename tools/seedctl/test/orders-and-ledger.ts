import { kitMigrations } from '@andvari/kit/service/foundation';
import { infraUrls } from '@andvari/kit/testing/infra-urls';
import { type TestDatabase, testDatabase } from '@andvari/kit/testing/test-database';

/** The two databases that orders lie in, as their services make them, empty. */
export async function ordersAndLedger(): Promise<{ orders: TestDatabase; ledger: TestDatabase }> {
  const [orders, ledger] = await Promise.all(
    ['order', 'portfolio'].map((service) =>
      testDatabase(infraUrls().postgresUrl, [
        kitMigrations,
        new URL(`../../../services/${service}/migrations/`, import.meta.url),
      ]),
    ),
  );
  return { orders: orders as TestDatabase, ledger: ledger as TestDatabase };
}
