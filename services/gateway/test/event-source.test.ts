import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { eventually } from '@andvari/kit/testing/eventually';
import { notificationCreated } from '@andvari/proto/events';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { gatewayRig } from './gateway-rig.ts';

const CHROMIUM = '/usr/bin/chromium';

/** A browser's own EventSource, with nothing of ours in the page: it comes back by itself, and where it was. */
test.runIf(existsSync(CHROMIUM))(
  'EventSource in Chromium comes back by itself and says what it saw last, so nothing is lost and nothing comes twice',
  async () => {
    const rig = await gatewayRig();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(`${rig.url}/healthz`);
      await page.evaluate(
        `(async () => {
          await fetch('/auth/login', {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-andvari-csrf': '1' },
            body: JSON.stringify({ email: 'ada@example.com', password: 'correct' }),
          });
          const query = 'subscription { notifications { __typename ... on NotificationArrived { unreadCount } } }';
          const source = new EventSource('/graphql?query=' + encodeURIComponent(query));
          window.heard = [];
          window.opened = 0;
          source.addEventListener('open', () => (window.opened += 1));
          source.addEventListener('next', ({ data, lastEventId }) => window.heard.push({ ...JSON.parse(data), lastEventId }));
        })()`,
      );
      const heard = (): Promise<{ data?: { notifications: { unreadCount?: number } }; lastEventId: string }[]> =>
        page.evaluate('window.heard');
      const counts = async (): Promise<number[]> =>
        (await heard()).flatMap(({ data }) => data?.notifications.unreadCount ?? []);
      const userId = userIdOf('ada@example.com');
      const notify = (unreadCount: number): Promise<void> =>
        rig.publish(notificationCreated, { userId, notificationId: randomUUID(), kind: 'a.kind', unreadCount });

      await eventually(async () => expect(await heard()).toHaveLength(1));
      await notify(1);
      await eventually(async () => expect(await counts()).toEqual([1]));
      expect((await heard()).at(-1)?.lastEventId).toMatch(/^p[0-9a-z]+$/);
      await rig.publishRoles(userId);
      await eventually(async () => expect((await heard()).length).toBeGreaterThan(2));
      await notify(2);
      await eventually(async () => expect(await page.evaluate('window.opened')).toBe(2));
      await notify(3);
      await eventually(async () => expect(await counts()).toEqual([1, 2, 3]));
    } finally {
      await browser.close();
      await rig.close();
    }
  },
);
