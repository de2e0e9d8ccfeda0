import { ErrorDetail } from '@andvari/proto/common/v1/common';
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { AppError, type ErrorCode, errorCodes } from '../base/errors.ts';

const DETAIL_KEY = 'andvari-error-bin';

const statusOf: Record<ErrorCode, status> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  failed_precondition: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
};
const codeOf = new Map(errorCodes.map((code) => [statusOf[code], code]));

/** An AppError as it travels: status and message for anyone, the typed detail for those who know it. */
export function toStatus(error: AppError): Partial<StatusObject> {
  const metadata = new Metadata();
  const { code, reason, field, numbers, entity } = error;
  const detail = ErrorDetail.encode({ code, reason, field, numbers: { ...numbers }, entity });
  metadata.set(DETAIL_KEY, Buffer.from(detail.finish()));
  return { code: statusOf[code], details: error.message, metadata };
}

/** The status of a call that did not come as a status of gRPC. */
export function serviceError(code: status, details: string, detail?: Buffer): ServiceError {
  const metadata = new Metadata();
  if (detail !== undefined && detail.length > 0) metadata.set(DETAIL_KEY, detail);
  return Object.assign(new Error(details), { code, details, metadata });
}

/** What a caller sees of a fault of ours: nothing but a trace id to ask about. */
export function maskedStatus(traceId: string | undefined): Partial<StatusObject> {
  return {
    code: status.INTERNAL,
    details: traceId === undefined ? 'Internal error' : `Internal error (trace ${traceId})`,
  };
}

/** The error of a call, rebuilt on the caller's side as the service threw it. */
export function fromServiceError(error: ServiceError, method: string): Error {
  if (error.code === status.DEADLINE_EXCEEDED) {
    return new AppError('unavailable', `${method} did not answer in time`, {
      reason: 'deadline_exceeded',
      cause: error,
    });
  }
  if (error.code === status.CANCELLED) {
    return new AppError('unavailable', `${method} was cancelled`, { reason: 'cancelled', cause: error });
  }
  const code = codeOf.get(error.code);
  if (code === undefined) return new RemoteFault(method, error);
  const detail = detailOf(error);
  if (detail === undefined) return new AppError(code, `${method}: ${error.details}`, { cause: error });
  const { reason, field, numbers, entity } = detail;
  return new AppError(code, error.details, { reason, field, numbers, entity, cause: error });
}

/** The other side is broken, not refusing: its log knows why. */
export class RemoteFault extends Error {
  constructor(method: string, cause: ServiceError) {
    super(`${method} failed: ${cause.details}`, { cause });
    this.name = 'RemoteFault';
  }
}

/** The encoded detail under a status, for a way to travel of its own. */
export function detailOfStatus({ metadata }: Partial<StatusObject>): Buffer | undefined {
  const bytes = metadata?.get(DETAIL_KEY)[0];
  return Buffer.isBuffer(bytes) ? bytes : undefined;
}

function detailOf(error: ServiceError): ErrorDetail | undefined {
  const bytes = detailOfStatus(error);
  if (bytes === undefined) return undefined;
  try {
    return ErrorDetail.decode(bytes);
  } catch {
    return undefined;
  }
}
