import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

export const ADA = userIdOf('ada');
export const account = accountIdOf(ADA);
/** An order that has a name already, of which only the refusal tells. */
export const OTHER = '0f0e65be-a398-50a9-b904-bde6ef3e2b6d';

/** Places an order; the answer has everything that a refusal tells. */
export const PLACE = `mutation ($order: OrderSpecInput!, $clientOrderId: String) {
  placeOrder(input: { accountId: "${account}", clientOrderId: $clientOrderId, order: $order }) {
    is: __typename
    ... on Refusal { code }
    ... on InsufficientBuyingPower { required available shortBy currency }
    ... on InsufficientShares { required available shortBy }
    ... on InvalidOrder { field allowed { minimum maximum step nearestBelow nearestAbove } facts { name decimal time } }
    ... on InvalidInput { field }
    ... on NotFound { field }
    ... on NotPossible { field facts { name decimal time } }
    ... on MarketClosed { opensAt }
    ... on SymbolHalted { since }
    ... on NoPrice { asOf }
    ... on ApiKeyCapExceeded { cap used required }
    ... on DuplicateClientOrderId { orderId }
    ... on RateLimited { retryAfterSeconds }
  } }`;
export const order = { symbol: 'ACME', side: 'BUY', type: 'LIMIT', quantity: '10', limitPrice: '187.25' };

/** A gateway whose services remember what they were asked, and Ada's way in. */
export async function tradingRig(): Promise<{ rig: GatewayRig; token: string }> {
  const rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
  return { rig, token: await rig.tokens.sign({ sub: ADA }) };
}

export function forgetCalls({ order: orders, portfolio, stock }: GatewayRig): void {
  for (const service of [orders, portfolio, stock]) service.calls.length = 0;
}
