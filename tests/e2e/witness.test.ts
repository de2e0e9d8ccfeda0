import { expect, test } from 'vitest';
import { Witness } from './witness.ts';

/** The one that watches over all the other files is watched here. */
const noHeaders = new Headers();

test.each<[string, (witness: Witness) => void, string]>([
  ['a password', (w) => w.sent({}, { password: 'hunter-two-two' }), '{"msg":"no user with hunter-two-two"}'],
  ['a variable', (w) => w.sent({}, { variables: { input: { phone: '+15550100' } } }), 'phone +15550100'],
  ['an address in other letters', (w) => w.sent({}, { email: 'Ada@Example.com' }), 'ada@example.com'],
  ['an address in a URL', (w) => w.sent({}, { email: 'ada@example.com' }), '/auth/mailbox?to=ada%40example.com'],
  ['what JSON writes otherwise', (w) => w.sent({}, { password: 'say "friend"' }), '{"m":"say \\"friend\\""}'],
  ['a cookie that was sent', (w) => w.sent({ cookie: 'a=1; b=abcdefgh' }, {}), 'abcdefgh'],
  ['a cookie that was set', (w) => w.answered(new Headers({ 'set-cookie': 'a=abcdefgh; Path=/' }), ''), 'abcdefgh'],
  ['a bearer token', (w) => w.sent({ authorization: 'Bearer a.b.cdefgh' }, {}), 'bad token a.b.cdefgh'],
  ['a secret in an answer', (w) => w.answered(noHeaders, '{"data":{"key":{"secret":"shown-once"}}}'), 'shown-once'],
])('%s is found in a log', (_, see, log) => {
  const witness = new Witness();
  see(witness);
  expect(witness.leaksIn(log)).toHaveLength(1);
  expect(witness.leaksIn('{"msg":"served"}')).toEqual([]);
});

test.each([
  ['a stack', 'Error: no\\n    at start (/app/services/auth/src/main.ts:12:3)'],
  ['SQL', 'Failed query: select id from users where email = $1'],
  ['a complaint of the database', 'duplicate key value'],
  ['an address of ours', 'connect ECONNREFUSED 127.0.0.1:8081'],
  ['a service behind', '14 UNAVAILABLE: AuthService did not answer'],
])('%s is found in an answer', (what, text) => {
  const witness = new Witness();
  witness.answered(noHeaders, JSON.stringify({ errors: [{ message: text }] }));
  expect(witness.indiscretions().join()).toContain(what);
});

test('what people may know is none of it', () => {
  const witness = new Witness();
  witness.answered(noHeaders, '{"errors":[{"message":"not allowed","extensions":{"code":"PERMISSION_DENIED"}}]}');
  expect(witness.indiscretions()).toEqual([]);
});
