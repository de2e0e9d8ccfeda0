import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signIn } from '../src/gateway.ts';

const EMAIL = 'ada@demo.example';
let server: Server;
let url: string;
let asked: string[] = [];
/** What a sign-in is answered with, one after the other; all else is answered with 200. */
let logins: number[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://gateway').pathname;
    asked.push(path);
    response.statusCode = path === '/auth/login' ? (logins.shift() ?? 200) : 200;
    response.end(JSON.stringify(path === '/auth/mailbox' ? [{ body: `token=${'t'.repeat(32)}` }] : {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

const person = { email: EMAIL, password: 'a phrase of her own', name: 'ada' };

describe('signing in', () => {
  test.each([401, 409])('signs up whom nobody knows yet, or nobody has proven: %i', async (status) => {
    logins = [status, 200];
    await signIn(url, person);
    expect(asked).toEqual(['/auth/login', '/auth/register', '/auth/mailbox', '/auth/verify-email', '/auth/login']);
  });

  test('signs nobody up where the gateway could not say', async () => {
    logins = [503];
    await expect(signIn(url, person)).rejects.toThrow('login');
    expect(asked).toEqual(['/auth/login']);
  });
});
