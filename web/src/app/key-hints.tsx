import { Kbd } from '../ui/button.tsx';
import { keys } from './keys.ts';

const hints = ['b', 's', 'j', '?'];

export function KeyHints() {
  return keys
    .filter((key) => hints.includes(key.keys))
    .toSorted((a, b) => hints.indexOf(a.keys) - hints.indexOf(b.keys))
    .map((key) => (
      <span key={key.keys}>
        <Kbd>{key.keys.toUpperCase()}</Kbd>{' '}
        {key.label.replace('Ticket to ', '').replace(/^./, (first) => first.toUpperCase())}
      </span>
    ));
}
