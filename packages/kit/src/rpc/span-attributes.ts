import { AppError } from '../base/errors.ts';

/** `/andvari.user.v1.UserService/GetProfile` as a span tells it. */
export function rpcAttributes(path: string): Record<string, string> {
  const [service = '', method = ''] = path.slice(1).split('/');
  return { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method };
}

export function rpcStatus(error?: unknown): Record<string, string> {
  if (error === undefined) return { 'rpc.status': 'ok' };
  return { 'rpc.status': error instanceof AppError ? error.code : 'internal' };
}
