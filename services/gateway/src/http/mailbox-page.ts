import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DevelopmentMail } from '@andvari/proto/auth/v1/auth';
import type { Clients } from '../clients.ts';
import { askAs } from '../identity/own-questions.ts';

/** For development: what would have been sent by mail, on a page. It is not even routed elsewhere. */
export function mailboxPage(auth: Pick<Clients['auth'], 'listDevelopmentMail'>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to') ?? '';
    const page = { first: 50, after: '' };
    const { mails } = await askAs('', () => auth.listDevelopmentMail({ to, page }));
    const wantsJson = request.headers.accept?.includes('application/json') === true;
    response.setHeader('cache-control', 'no-store');
    if (wantsJson) {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(mails.map(plain)));
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(html(mails));
  };
}

function plain({ id, to, subject, body, createdAtUs }: DevelopmentMail) {
  return { id, to, subject, body, createdAt: new Date(Number(createdAtUs / 1000n)).toISOString() };
}

function html(mails: readonly DevelopmentMail[]): string {
  const shown = mails
    .map(plain)
    .map(
      ({ to, subject, body, createdAt }) =>
        `<article><h2>${escaped(subject)}</h2><p>To ${escaped(to)}, ${createdAt}</p><pre>${linked(escaped(body))}</pre></article>`,
    );
  return `<!doctype html><meta charset="utf-8"><title>Mailbox</title>
<style>body{font:16px system-ui;max-width:48rem;margin:2rem auto}pre{white-space:pre-wrap}article{border-top:1px solid}</style>
<h1>Mailbox</h1>${shown.join('\n') || '<p>Nothing yet.</p>'}`;
}

/** Of text that is escaped already, so that nothing but what it names is in the link. */
const linked = (text: string): string =>
  text.replaceAll(/https?:\/\/[^\s&<>]+/g, (url) => `<a href="${url}">${url}</a>`);

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
