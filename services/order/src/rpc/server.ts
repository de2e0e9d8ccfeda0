import { serve } from '@andvari/kit/rpc/server';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import { importingHandlers } from './importing.ts';
import { readingHandlers } from './reading.ts';
import { tradingHandlers } from './trading.ts';

export function orderRpc(app: App, options: { development: boolean }) {
  return serve(OrderServiceService, {
    ...tradingHandlers(app),
    ...readingHandlers(app),
    ...importingHandlers(app, options),
  });
}
