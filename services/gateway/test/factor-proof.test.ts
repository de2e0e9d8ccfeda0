import { expect, test } from 'vitest';
import { factorProof } from '../src/identity/factor-proof.ts';

const ofCode = { proof: { $case: 'code', value: '123456' } };
const ofRecovery = { proof: { $case: 'recoveryCode', value: 'abcd' } };

test.each([
  [{ code: '123456' }, ofCode],
  [{ code: '123456', recoveryCode: null }, ofCode],
  [{ recoveryCode: 'abcd' }, ofRecovery],
  [{ code: null, recoveryCode: 'abcd' }, ofRecovery],
  [{ code: '123456', recoveryCode: 'abcd' }, undefined],
  [{ code: null, recoveryCode: null }, undefined],
  [{}, undefined],
])('%j shows exactly one of the two, or nothing', (given, shown) => {
  expect(factorProof(given)).toEqual(shown);
});
