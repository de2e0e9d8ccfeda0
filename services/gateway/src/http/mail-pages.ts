import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Where the links of mails lead when no web app answers in the gateway's place: two pages that send the token on. Opening
 * a link alone does nothing, because mail programs open links to look at them; the token goes out with a click.
 */
export const mailPages = {
  '/verify': page('Confirm your email address', '', 'Confirm', '/auth/verify-email', 'Confirmed. You may sign in now.'),
  '/reset': page(
    'Choose a new password',
    '<label>New password <input name="newPassword" type="password" autocomplete="new-password" required></label>',
    'Change password',
    '/auth/reset-password',
    'Changed. You may sign in now.',
  ),
};

function page(title: string, fields: string, button: string, path: string, done: string) {
  const script = `
const form = document.querySelector('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const body = JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) });
  const headers = { 'content-type': 'application/json', 'x-andvari-csrf': '1' };
  const response = await fetch(${JSON.stringify(path)}, { method: 'POST', headers, body });
  const { error } = await response.json();
  document.querySelector('output').textContent = response.ok ? ${JSON.stringify(done)} : error.message;
});`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1><form>${fields}<button>${button}</button></form><p><output></output></p><script>${script}</script></html>`;
  const hash = createHash('sha256').update(script).digest('base64');
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; connect-src 'self'; script-src 'sha256-${hash}'; frame-ancestors 'none'`,
    // The address has the token in it: it is neither kept nor told to anybody.
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  };
  return async (_: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.writeHead(200, headers);
    response.end(html);
  };
}
