import { furnish } from './furnish.ts';
import { DEMO_PASSWORD } from './people.ts';

/** What `make up` runs once everything is ready: a few people with money, positions and orders, so that there is somebody to sign in as. */
const url = (process.env.ANDVARI_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
await furnish(url);
console.log(`  sign in   demo@demo.example (or ada@, bob@)   password  ${DEMO_PASSWORD}`);
