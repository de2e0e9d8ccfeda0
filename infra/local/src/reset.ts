import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { removeData } from './remove-data.ts';
import { runCommand } from './run-command.ts';

const help = `Stops what runs here and removes its data: databases, streams, logs.

  make reset [YES=1] [ALL=1]
  npm run --silent reset -- [options]

  --yes    without asking
  --all    private copies of programs as well; they take minutes to get again
  --help`;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      yes: { type: 'boolean', default: process.env.YES === '1' },
      all: { type: 'boolean', default: process.env.ALL === '1' },
      help: { type: 'boolean', default: false },
      root: { type: 'string', default: checkoutRoot },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const root = resolve(values.root);
  const { path: home } = dataHome(root);
  if (!values.yes && !(await agreed(home))) {
    console.log('Nothing was removed.');
    return 1;
  }
  const { stopped, removed } = await removeData(root, home, { programsToo: values.all });
  if (stopped) console.log('Stopped what was running.');
  console.log(`Removed ${removed.length > 0 ? removed.join(', ') : 'nothing, there was no data'} from ${home}.`);
  console.log('Databases that were given by POSTGRES_URL, NATS_URL or REDIS_URL are untouched.');
  return 0;
});

async function agreed(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error('This removes all local data. Say so: make reset YES=1');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`Remove all databases, streams and logs in ${home}? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
