import { ErrorDetail } from '@andvari/proto/common/v1/common';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { AppError, errorCodes } from '../src/base/errors.ts';
import { rpcAttributes, rpcStatus } from '../src/rpc/span-attributes.ts';
import {
  detailOfStatus,
  fromServiceError,
  maskedStatus,
  RemoteFault,
  serviceError,
  toStatus,
} from '../src/rpc/status.ts';

const METHOD = 'OrderService/PlaceOrder';
const detail = Buffer.from(
  ErrorDetail.encode({
    code: 'not_found',
    reason: 'order_not_found',
    field: 'id',
    numbers: { asked: 7n },
    entity: 'that',
  }).finish(),
);

describe('the error of a call is', () => {
  test.each<[rule: string, code: status, expected: object]>([
    [
      'no answer in time',
      status.DEADLINE_EXCEEDED,
      { code: 'unavailable', reason: 'deadline_exceeded', message: `${METHOD} did not answer in time` },
    ],
    [
      'one that its caller gave up',
      status.CANCELLED,
      { code: 'unavailable', reason: 'cancelled', message: `${METHOD} was cancelled` },
    ],
    [
      'a refusal with the method’s name where nothing more is said',
      status.NOT_FOUND,
      { code: 'not_found', reason: 'not_found', field: '', numbers: {}, message: `${METHOD}: no such` },
    ],
    [
      'a fault where no refusal has that code',
      status.INTERNAL,
      { name: 'RemoteFault', message: `${METHOD} failed: no such` },
    ],
    [
      'a fault where the code is nobody’s',
      status.DATA_LOSS,
      { name: 'RemoteFault', message: `${METHOD} failed: no such` },
    ],
  ])('%s', (_, code, expected) => {
    const error = serviceError(code, 'no such');
    expect(fromServiceError(error, METHOD)).toMatchObject({ ...expected, cause: error });
  });

  test('as it was thrown, where its detail came along', () => {
    const error = serviceError(status.NOT_FOUND, 'no order 7', detail);
    expect(fromServiceError(error, METHOD)).toMatchObject({
      code: 'not_found',
      message: 'no order 7',
      reason: 'order_not_found',
      field: 'id',
      numbers: { asked: 7n },
      entity: 'that',
      cause: error,
    });
  });

  test('as it was thrown, with all that it says', () => {
    const thrown = { reason: 'order_not_found', field: 'id', numbers: { asked: 7n, known: 6n } };
    const error = toStatus(new AppError('not_found', 'no order 7', thrown)) as ServiceError;
    expect(fromServiceError(error, METHOD)).toMatchObject({ code: 'not_found', message: 'no order 7', ...thrown });
  });

  test('a refusal still, where its detail cannot be read', () => {
    const error = serviceError(status.NOT_FOUND, 'no such', Buffer.from([0xff]));
    expect(fromServiceError(error, METHOD)).toMatchObject({ code: 'not_found', message: `${METHOD}: no such` });
  });

  test('a fault that is an error of its own', () => {
    expect(fromServiceError(serviceError(status.INTERNAL, ''), METHOD)).toBeInstanceOf(RemoteFault);
  });
});

test.each<[what: string, detail: Buffer | undefined, expected: Buffer | undefined]>([
  ['a status without a detail', undefined, undefined],
  ['a status with an empty one', Buffer.alloc(0), undefined],
  ['a status with one', detail, detail],
])('%s', (_, given, expected) => {
  const error = serviceError(status.NOT_FOUND, 'no such', given);
  expect([error.code, error.details, error.message]).toEqual([status.NOT_FOUND, 'no such', 'no such']);
  expect(detailOfStatus(error)).toEqual(expected);
});

test('a status without anything beside it has no detail', () => {
  expect([detailOfStatus({}), detailOfStatus({ metadata: new Metadata() })]).toEqual([undefined, undefined]);
});

test.each(errorCodes)('%s has the status of its name', (code) => {
  const { details, ...told } = toStatus(new AppError(code, 'no'));
  expect([told.code, details]).toEqual([status[code.toUpperCase() as keyof typeof status], 'no']);
});

test.each([
  ['of no trace', undefined, 'Internal error'],
  ['of a trace', 'abc', 'Internal error (trace abc)'],
])('a fault of ours %s says nothing more', (_, traceId, details) => {
  expect(maskedStatus(traceId)).toEqual({ code: status.INTERNAL, details });
});

describe('a span tells', () => {
  test.each([
    ['service and method', '/andvari.user.v1.UserService/GetProfile', 'andvari.user.v1.UserService', 'GetProfile'],
    ['what there is of them', '/Nothing', 'Nothing', ''],
    ['nothing of nothing', '', '', ''],
  ])('%s', (_, path, service, method) => {
    expect(rpcAttributes(path)).toEqual({ 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method });
  });

  test.each([
    ['that it went well', undefined, 'ok'],
    ['why it was refused', new AppError('not_found', 'no'), 'not_found'],
    ['that the fault was ours', new TypeError('a bug'), 'internal'],
  ])('%s', (_, error, expected) => {
    expect(rpcStatus(error)).toEqual({ 'rpc.status': expected });
  });
});
