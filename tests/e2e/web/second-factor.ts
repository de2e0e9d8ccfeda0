import { readFileSync } from 'node:fs';
import { nowUs } from '@andvari/kit/base/clock';
import { Authenticator } from '@andvari/kit/testing/authenticator';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { PASSWORD } from '../people.ts';
import { looksGood } from './page-checks.ts';
import { PHONE, type WebWorld } from './world.ts';

/** Somebody whose password is not enough. */
export function secondFactor(world: WebWorld): void {
  test('a second factor: set up, asked for after the password, a code once, a recovery code once, and off again', {
    timeout: 150_000,
  }, async () => {
    const person = await world.market.people.registered();
    const page = await world.seated(person, { acceptDownloads: true });
    await page.goto(`${world.url}/settings/security`);
    await page.getByRole('button', { name: 'Set it up' }).click();
    const secret = ((await page.getByLabel('Secret', { exact: true }).textContent()) ?? '').replaceAll(' ', '');
    world.market.system.witness.keep(secret);
    const device = new Authenticator(secret, { now: nowUs });
    await looksGood(world, page, 'second-factor-1-secret');
    const first = device.code();
    await page.getByLabel('Code', { exact: true }).fill(first);
    await page.getByRole('button', { name: 'Switch it on' }).click();
    const list = page.getByRole('list', { name: 'Recovery codes' });
    await list.waitFor();
    const codes = await list.getByRole('listitem').allTextContents();
    expect(codes).toHaveLength(10);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download them' }).click();
    const sheet = readFileSync(await (await download).path(), 'utf8');
    expect(sheet.split('\n')).toEqual(expect.arrayContaining(codes));
    expect(sheet).toContain(person.email);
    await looksGood(world, page, 'second-factor-2-codes');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText(/^On since .* 10 recovery codes left\.$/).waitFor();
    await page.goto(`${world.url}/inbox`);
    await page.getByText('Second factor on').first().waitFor();

    const next = device.code(1);
    await page.context().clearCookies();
    await withPassword(world, page, person.email);
    await looksGood(world, page, 'second-factor-3-code');
    // The code of the enrolment was seen: it lets nobody in.
    await show(page, 'Code', first);
    await page.getByText(/This code is not right, or has been used/).waitFor();
    await show(page, 'Code', next);
    await page.getByRole('heading', { level: 1, name: 'Markets' }).waitFor();

    const thief = await world.visitor();
    await withPassword(world, thief, person.email);
    await show(thief, 'Code', next);
    await thief.getByText(/This code is not right, or has been used/).waitFor();

    const [recovery = '', another = ''] = codes;
    const elsewhere = await world.visitor({ viewport: PHONE });
    await withPassword(world, elsewhere, person.email);
    await elsewhere.getByRole('button', { name: 'Use a recovery code' }).click();
    await show(elsewhere, 'Recovery code', recovery);
    await elsewhere.getByRole('heading', { level: 1, name: 'Markets' }).waitFor();
    await thief.getByRole('button', { name: 'Use a recovery code' }).click();
    await show(thief, 'Recovery code', recovery);
    await thief.getByText(/This recovery code is not right, or has been used/).waitFor();

    await page.goto(`${world.url}/settings/security`);
    await page.getByText(/9 recovery codes left/).waitFor();
    await page.getByRole('button', { name: 'Switch it off' }).click();
    const dialog = page.getByRole('dialog', { name: 'Switch the second factor off?' });
    await dialog.getByRole('button', { name: 'Use a recovery code' }).click();
    await dialog.getByLabel('Recovery code').fill(another);
    await world.keep(page, 'second-factor-4-off');
    await dialog.getByRole('button', { name: 'Switch it off' }).click();
    await page.getByRole('button', { name: 'Set it up' }).waitFor();
    const again = await world.visitor();
    await enterPassword(world, again, person.email);
    await again.getByRole('heading', { level: 1, name: 'Markets' }).waitFor();
  });
}

async function enterPassword(world: WebWorld, page: Page, email: string): Promise<void> {
  await page.goto(`${world.url}/sign-in`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function withPassword(world: WebWorld, page: Page, email: string): Promise<void> {
  await enterPassword(world, page, email);
  await page.getByLabel('Code', { exact: true }).and(page.locator(':focus')).waitFor();
}

async function show(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
