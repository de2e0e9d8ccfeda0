import { describe } from 'vitest';
import { badRequests } from './identity/bad-requests.ts';
import { rights } from './identity/rights.ts';
import { sessions } from './identity/sessions.ts';
import { useIdentity } from './identity/world.ts';

/** One system for what disturbs nobody else: to start one costs as much as all that is asked of it here. */
const world = useIdentity();
describe('sessions', () => sessions(world));
describe('rights', () => rights(world));
describe('bad requests', () => badRequests(world));
