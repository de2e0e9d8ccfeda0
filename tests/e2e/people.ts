import { eventually } from '@andvari/kit/testing/eventually';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { expect } from 'vitest';
import type { Browser } from './browser.ts';
import type { System } from './system.ts';

export const PASSWORD = 'correct horse battery staple';

export interface Person {
  email: string;
  givenName: string;
  browser: Browser;
  userId: string;
}

export interface People {
  /** Somebody nobody knows, at an address of their own. */
  visitor(): Browser;
  /** Somebody with an account whose address is proven, signed in. */
  registered(): Promise<Person>;
  /** The token of the mail that tells of this. */
  mailTo(email: string, kind: RegExp): Promise<string>;
}

let count = 0;

/** How everybody in the end-to-end tests comes by an account: the way people do. */
export function peopleOf(system: System): People {
  const visitor = (): Browser => {
    count += 1;
    return system.browser({ 'x-forwarded-for': `198.51.${100 + Math.floor(count / 250)}.${(count % 250) + 1}` });
  };

  const mailTo = (email: string, kind: RegExp): Promise<string> => {
    const auth = system.client('auth', AuthServiceService);
    return eventually(async () => {
      const { mails } = await auth.listDevelopmentMail({ to: email, page: { first: 20, after: '' } });
      const mail = mails.find(({ subject, body }) => kind.test(subject) || kind.test(body));
      const token = /token=([\w-]+)/.exec(mail?.body ?? '')?.[1];
      if (token === undefined) throw new Error(`no mail for ${email}`);
      system.witness.keep(token);
      return token;
    });
  };

  return {
    visitor,
    mailTo,
    async registered() {
      const browser = visitor();
      const email = `person-${count}-${process.pid}@example.com`;
      const givenName = `Adalbertine${count}`;
      const person = { email, password: PASSWORD, givenName, familyName: `Lovelace-Byron${count}` };
      expect(await browser.post('/auth/register', person)).toMatchObject({ status: 202, json: {} });
      const token = await mailTo(email, /verif|confirm/i);
      expect(await browser.post('/auth/verify-email', { token })).toMatchObject({ status: 200 });
      const signedIn = await browser.post('/auth/login', { email, password: PASSWORD });
      expect(signedIn.status, signedIn.text).toBe(200);
      const { userId } = signedIn.json as { userId: string };
      await eventually(async () => {
        const { data, errors } = await browser.ask('{ me { userId } }');
        expect(errors).toEqual([]);
        expect(data).toEqual({ me: { userId } });
      });
      return { email, givenName, browser, userId };
    },
  };
}
