import { expect, test } from 'vitest';
import { deviceWords } from '../src/base/device-words.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/156.0.0.0 Safari/537.36`, 'Chrome on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/156.0 Safari/537.36 Edg/156.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (Linux; Android 16; Pixel 9) ${webkit} Chrome/156.0 Mobile Safari/537.36`, 'Chrome on Android'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1 Version/26 Safari/604',
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox on macOS'],
  ['python-requests/2.32.3', 'python-requests'],
  ['curl/8.5.0', 'curl'],
  ['Netscape', 'Netscape'],
  ['', 'an unknown device'],
  ['<script>', 'an unknown device'],
  ['x'.repeat(200), 'x'.repeat(40)],
])('a person calls %s %s', (userAgent, words) => expect(deviceWords(userAgent)).toBe(words));
