import '@fontsource-variable/inter/index.css';
import './ui/tokens.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { createGatewayClient } from './api/client.ts';
import { whenLoaded } from './api/when-loaded.ts';
import { router } from './app/router.tsx';
import { startSession } from './app/start-session.ts';
import { setLocale } from './ui/number.ts';
import { currentTaste, showTaste } from './ui/taste.ts';

setLocale(currentTaste().numbers || navigator.language);
showTaste();
const client = createGatewayClient((...asked) => ({
  subscribe: (sink) => ({
    unsubscribe: whenLoaded(
      () => import('./live/account-stream.ts'),
      ({ accountEvents }) => accountEvents(...asked).subscribe(sink).unsubscribe,
    ),
  }),
}));
startSession(client);
// Nobody waits for these, so the first page does not carry them.
void import('./app/notice-new-version.ts').then(({ noticeNewVersion }) => noticeNewVersion());
void import('./api/orders.ts').then(({ checkUnderway }) => checkUnderway(client));

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Provider value={client}>
      <RouterProvider router={router} />
    </Provider>
  </StrictMode>,
);
