import { resolve } from 'node:path';
import { services } from '@andvari/deploy/services';
import { issueCertificates } from '../certificates.ts';
import { type LocalCommand, OK } from '../command.ts';
import { wholeNumber } from '../whole-number.ts';

export const certs: LocalCommand = {
  name: 'certs',
  usage: 'FOLDER',
  summary:
    'An authority for development and, signed by it, a certificate for each service: a folder each, for its TLS_DIR',
  options: { days: { type: 'string' }, host: { type: 'string' } },
  words: { from: 1, to: 1 },
  async runAlone({ positionals: [folder = ''], values }, print) {
    const days = wholeNumber('--days', values['days'], { from: 1, to: 825 }) ?? 90;
    const host = typeof values['host'] === 'string' ? values['host'] : 'localhost';
    const names = [...services.map(({ name }) => name), 'operator-tool'];
    const made = issueCertificates(resolve(folder), names, { days, host });
    print.rows(
      made.map(({ name, dir, endsAt }) => ({ service: name, tls_dir: dir, ends_at: endsAt.toISOString() })),
      '',
    );
    return OK;
  },
};
