import { DEMO_PASSWORD, enlist } from './people.ts';

/** What `make up` runs once everything is ready: a few people with money, so that there is somebody to sign in as. */
const url = (process.env.ANDVARI_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
for (const name of ['demo', 'ada', 'bob']) await enlist(url, name, '100000');
console.log(`  sign in   demo@demo.example (or ada@, bob@)   password  ${DEMO_PASSWORD}`);
