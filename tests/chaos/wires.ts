import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { SystemOptions } from '../e2e/system.ts';

/**
 * Every connection between a service and what it is told of (others, its database, NATS, Redis) goes through a wire, which
 * can be cut: nobody is told so, what is sent meanwhile arrives once the wire is whole again, as with a network that comes back.
 */
export class Wires {
  readonly #wires: Wire[] = [];

  readonly rewire: NonNullable<SystemOptions['rewire']> = async (name, env, portOf) => {
    const told = { ...env };
    for (const [variable, value = ''] of Object.entries(env)) {
      const callee = /^([A-Z]+)_ADDR$/.exec(variable)?.[1]?.toLowerCase();
      if (callee !== undefined) {
        told[variable] = `127.0.0.1:${await this.between(name, callee, () => portOf(callee))}`;
      } else if (servers.has(variable)) {
        const url = new URL(value);
        const port = Number(url.port);
        url.port = String(await this.between(name, variable, () => port));
        told[variable] = url.href;
      }
    }
    return told;
  };

  /** The port of a wire to wherever somebody listens at the moment of the call. */
  async between(from: string, to: string, portOf: () => number): Promise<number> {
    const wire = new Wire([from, to], portOf);
    this.#wires.push(wire);
    return wire.listen();
  }

  /** Cuts a service off from everything. */
  cut(name: string): void {
    for (const wire of this.#of(name)) wire.cut();
  }

  mend(name: string): void {
    for (const wire of this.#of(name)) wire.mend();
  }

  close(): void {
    for (const wire of this.#wires) wire.close();
  }

  #of(name: string): Wire[] {
    return this.#wires.filter(({ ends }) => ends.includes(name));
  }
}

const servers = new Set(['POSTGRES_URL', 'NATS_URL', 'REDIS_URL']);

class Wire {
  readonly ends: readonly string[];
  readonly #server: Server;
  readonly #portOf: () => number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #waiting = new Set<Socket>();
  #isCut = false;

  constructor(ends: readonly string[], portOf: () => number) {
    this.ends = ends;
    this.#portOf = portOf;
    this.#server = createServer({ noDelay: true }, (caller) => {
      caller.on('error', () => caller.destroy());
      if (this.#isCut) this.#waiting.add(caller.pause());
      else this.#join(caller);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
    for (const [one, other] of this.#pairs) {
      one.unpipe(other).pause();
      other.unpipe(one).pause();
    }
  }

  mend(): void {
    this.#isCut = false;
    for (const [one, other] of this.#pairs) one.pipe(other).pipe(one);
    for (const caller of this.#waiting) this.#join(caller);
    this.#waiting.clear();
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    for (const caller of this.#waiting) caller.destroy();
  }

  #join(caller: Socket): void {
    const callee = connect({ port: this.#portOf(), host: '127.0.0.1', noDelay: true });
    const pair = [caller, callee] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    callee.on('error', end);
    for (const socket of pair) socket.on('close', end);
    caller.pipe(callee).pipe(caller);
  }
}
