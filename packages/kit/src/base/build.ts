import manifest from '../../package.json' with { type: 'json' };

declare const ANDVARI_COMMIT: string | undefined;

/** Which build this is. The bundler writes in the commit; what runs from a checkout is whatever lies there. */
export const build = {
  version: manifest.version,
  commit: typeof ANDVARI_COMMIT === 'undefined' ? 'checkout' : ANDVARI_COMMIT,
};
