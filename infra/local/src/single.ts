import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord, parseRecord } from '@andvari/servers/record';

/**
 * All services in one process: what the launcher starts for `--topology single`. Each gets the configuration it would have as a
 * process of its own, and talks to the others over gRPC as ever, so that no service knows which topology it is in.
 *
 * The services are found at run time, so that this package depends on none of them.
 */
const root = process.env.SINGLE_ROOT;
const environments = parseRecord(process.env.SINGLE_SERVICES ?? '');
if (root === undefined || environments === undefined) {
  console.error('single.ts is started by the launcher: npm run up -- --topology single');
  process.exit(78);
}

const runProcess = await load(join(root, 'packages/kit/src/process/scope.ts'), 'runProcess');
const nothing = (): undefined => undefined;
await runProcess('single', nothing, async (scope: unknown) => {
  for (const [name, env] of Object.entries(environments)) {
    const folder = join(root, 'services', name, 'src');
    const readConfig = await load(join(folder, 'config.ts'), 'readConfig');
    const start = await load(join(folder, 'main.ts'), 'start');
    await start(scope, readConfig(env));
  }
});

type Callable = (...args: unknown[]) => unknown;

async function load(path: string, name: string): Promise<Callable> {
  const module: unknown = await import(pathToFileURL(path).href);
  const found = isRecord(module) ? module[name] : undefined;
  if (!isCallable(found)) throw new Error(`${path} does not export the function ${name}`);
  return found;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
