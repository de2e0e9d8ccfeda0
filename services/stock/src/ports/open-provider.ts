import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { alpacaProvider } from './alpaca.ts';
import { chained, chainedFx } from './chain.ts';
import { fmpProvider } from './fmp.ts';
import { frankfurterFx } from './frankfurter.ts';
import { type FxSource, simulatedFx } from './fx-source.ts';
import { guarded } from './guarded.ts';
import type { MarketDataProvider } from './provider.ts';
import { readRecording, replayProvider } from './replay.ts';
import { type SharedCopies, sharedCopy } from './shared-copy.ts';
import { type SimulatedOptions, simulatedProvider } from './simulated.ts';

export interface OpenOptions extends Pick<SimulatedOptions, 'days' | 'actionsOf'> {
  copies: SharedCopies;
  now: () => bigint;
  count: (provider: string, outcome: string) => void;
}

type ProviderName = Config['MARKET_DATA'][number];

/** Those that the configuration names, the first one first. */
export async function openProvider(config: Config, options: OpenOptions): Promise<MarketDataProvider> {
  const made = await Promise.all(config.MARKET_DATA.map((name) => open(name, config, options)));
  const [only, ...others] = made;
  return only !== undefined && others.length === 0 ? only : chained(made);
}

/** Whether prices come over the network, and each question costs. */
export function isPolled({ MARKET_DATA }: Config): boolean {
  return MARKET_DATA.some((name) => name === 'alpaca' || name === 'fmp');
}

async function open(name: ProviderName, config: Config, options: OpenOptions): Promise<MarketDataProvider> {
  const timeoutMs = config.UPSTREAM_TIMEOUT_MS;
  switch (name) {
    case 'simulated':
      return simulatedProvider({ seed: config.SIMULATION_SEED, ...options });
    case 'alpaca': {
      const { ALPACA_URL: baseUrl, ALPACA_KEY_ID: id, ALPACA_SECRET_KEY: secret, ALPACA_FEED: feed } = config;
      const keys = { keyId: id?.reveal() ?? '', secretKey: secret?.reveal() ?? '' };
      return shared(alpacaProvider({ baseUrl, ...keys, feed, timeoutMs }), config, options);
    }
    case 'fmp': {
      const { FMP_URL: baseUrl, FMP_KEY: key } = config;
      return shared(fmpProvider({ baseUrl, apiKey: key?.reveal() ?? '', timeoutMs }), config, options);
    }
    case 'replay': {
      const path = config.REPLAY_FILE ?? '';
      const read = readRecording(await readFile(path, 'utf8'));
      if ('problems' in read) throw new Error(`${path} is wrong.\n${read.problems.slice(0, 20).join('\n')}`);
      const startedAt = Number(options.now() / 1000n);
      return replayProvider({ recording: read.recording, startedAt, speed: config.REPLAY_SPEED });
    }
  }
}

function shared(provider: MarketDataProvider, config: Config, { copies, count }: OpenOptions): MarketDataProvider {
  const ttl = { quoteTtlMs: config.POLL_EVERY_MS, barsTtlMs: Math.max(config.POLL_EVERY_MS, BARS_TTL_MS) };
  return sharedCopy(guarded(provider, { count }), { copies, ...ttl });
}

const BARS_TTL_MS = 30_000;

export function openFx(config: Config, { count }: Pick<OpenOptions, 'count'>): FxSource {
  const sources = config.FX_RATES.map((name) =>
    name === 'simulated'
      ? simulatedFx(config.SIMULATION_SEED)
      : frankfurterFx({ baseUrl: config.FRANKFURTER_URL, timeoutMs: config.UPSTREAM_TIMEOUT_MS, count }),
  );
  const [only, ...others] = sources;
  return only !== undefined && others.length === 0 ? only : chainedFx(sources);
}
