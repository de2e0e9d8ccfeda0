import { serve } from '@andvari/kit/rpc/server';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import { readingHandlers } from './reading.ts';
import { tradingHandlers } from './trading.ts';

export function orderRpc(app: App) {
  return serve(OrderServiceService, { ...tradingHandlers(app), ...readingHandlers(app) });
}
