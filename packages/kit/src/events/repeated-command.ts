import { ExecType, type ExecutionReport } from '@andvari/proto/engine/v1/reports';

/**
 * Whether a report answers a command that was sent twice. The second is refused for its id; of the order of that id, which lives or has
 * ended as was told, it says nothing.
 */
export function repeatsCommand({ execType, reason }: ExecutionReport): boolean {
  const isRefusal = execType === ExecType.EXEC_TYPE_REJECTED || execType === ExecType.EXEC_TYPE_REPLACE_REJECTED;
  return isRefusal && reason === 'duplicate_order_id';
}
