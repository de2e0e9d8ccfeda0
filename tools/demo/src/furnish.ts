import { giveBelongings } from './belongings.ts';
import { fillInPart } from './encounter.ts';
import { enlistDemo, type Trader } from './people.ts';

/** The demo's people with money, positions and orders in every state that lasts; done again, it changes nothing. */
export async function furnish(url: string): Promise<[Trader, ...Trader[]]> {
  const traders = await enlistDemo(url);
  const [first, second = first] = traders;
  // Before anything else, while the second has all of their money.
  await fillInPart(first, second);
  for (const trader of traders) await giveBelongings(trader);
  return traders;
}
