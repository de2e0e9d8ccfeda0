import { expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { Live } from '../../src/live/live.tsx';
import { topics } from '../../src/live/topics.ts';

test('a tick changes the text and not the node that shows it, and again at the pace of quotes', async () => {
  const screen = await render(<Live topic={topics.topic<string>('quote:LIVE')} read={(last) => last} />);
  const span = screen.getByText('–').element();
  const node = span.firstChild;
  for (const last of ['187.20', '187.21', '187.22']) {
    topics.publish('quote:LIVE', last, 'calm');
    await expect.element(span).toHaveTextContent(last);
  }
  expect(span.firstChild).toBe(node);
  expect(node?.isConnected).toBe(true);
});
