import { Amount } from './amount.tsx';
import { Facts, Notice } from './block.tsx';
import { order as compare, money, price, quantity } from './number.ts';

/** What replacing an order would come to, or what it is short of: the server's numbers alone, the same wherever it is asked. */
export function ReplacementOutcome({
  preview,
  refusal,
  side,
  currency,
}: {
  preview:
    | {
        held: string;
        reserved: string;
        availableAfter: string;
        maximumFee: string;
        fillsQuantity: string;
        averagePrice: string | null;
        warnings: readonly { code: string; message: string }[];
      }
    | undefined;
  refusal: { shortfall?: { required: string; available: string; shortBy: string } } | undefined;
  side: string;
  currency: string;
}) {
  const isBuy = side === 'BUY';
  const shown = (value: string): string => (isBuy ? money(value, currency) : quantity(value));
  const short = refusal?.shortfall;
  if (short !== undefined) {
    return (
      <Numbers
        numbers={[
          ['Would be held besides', shown(short.required)],
          [isBuy ? 'Buying power' : 'Shares to sell', shown(short.available)],
          ['Short by', shown(short.shortBy)],
        ]}
      />
    );
  }
  if (preview === undefined) return null;
  const { held, reserved, availableAfter, maximumFee, fillsQuantity, averagePrice, warnings } = preview;
  return (
    <>
      <Numbers
        numbers={[
          ['Held for it now', shown(held)],
          ['Held besides, until it is replaced', shown(reserved)],
          [isBuy ? 'Buying power after' : 'Shares left to sell', shown(availableAfter)],
          ...(isBuy ? [['Fee, at the most', shown(maximumFee)] satisfies Labelled] : []),
          ...(averagePrice !== null && compare(fillsQuantity, '0') > 0
            ? [[`${quantity(fillsQuantity)} would trade at once, at`, price(averagePrice)] satisfies Labelled]
            : []),
        ]}
      />
      {warnings.map(({ code, message }) => (
        <Notice key={code}>{message}</Notice>
      ))}
    </>
  );
}

type Labelled = [label: string, value: string];

function Numbers({ numbers }: { numbers: readonly Labelled[] }) {
  return <Facts facts={numbers.map(([label, value]) => [label, <Amount key={label}>{value}</Amount>])} />;
}
