import { spawnSync } from 'node:child_process';
import { services } from '@andvari/deploy/services';
import { checkoutRoot } from '@andvari/servers/data-home';

/** `make images`: the image of every service and of seedctl, or of those that are named, with whichever builder there is. */
const ENGINES = ['docker', 'podman', 'buildah'];
const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : [...services.map(({ name }) => name), 'seedctl'];
const engine = ENGINES.find(answers);
if (engine === undefined) {
  console.log(`None of ${ENGINES.join(', ')} answers, so no image can be built: docs/operations/compose.md`);
  process.exitCode = 2;
} else {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: checkoutRoot, encoding: 'utf8' });
  for (const name of names) {
    if (process.exitCode === undefined) build(engine, name, stdout.trim());
  }
}

function build(program: string, name: string, commit: string): void {
  const tag = `andvari-${name}:${process.env['ANDVARI_VERSION'] ?? '0.1.0'}`;
  const args = [
    'build',
    '--build-arg',
    `SERVICE=${name}`,
    '--build-arg',
    `ANDVARI_COMMIT=${commit}`,
    '--tag',
    tag,
    '.',
  ];
  console.log(`${program} ${args.join(' ')}`);
  const { status } = spawnSync(program, args, { cwd: checkoutRoot, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

/** Not merely installed: docker's client is there without its engine now and then. */
function answers(program: string): boolean {
  return spawnSync(program, ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
