import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What figures are worth nothing without: the commit, the processor, the runtime, and who else wanted the processor. */
export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return [
    commit(),
    `${processors.length} × ${model}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `load ${loadavg()[0]?.toFixed(1)}`,
  ].join(' · ');
}

/** With a `+` where files differ from it. */
function commit(): string {
  try {
    const id = git('rev-parse', '--short', 'HEAD');
    return `commit ${id}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`;
  } catch {
    return 'no commit';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
}
