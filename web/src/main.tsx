import '@fontsource-variable/inter/index.css';
import './ui/tokens.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { createGatewayClient } from './api/client.ts';
import { router } from './app/router.tsx';
import { startSession } from './app/start-session.ts';
import { accountEvents } from './live/account-stream.ts';
import { setLocale } from './ui/number.ts';
import { showTaste } from './ui/taste.ts';

setLocale(navigator.language);
showTaste();
const client = createGatewayClient(accountEvents);
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
