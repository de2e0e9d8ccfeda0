import { useEffect, useRef } from 'react';
import { signOf } from '../ui/number.ts';
import type { Topic } from './topics.ts';

/**
 * A place for one live text. React puts the node there once; from then on the topic writes its text where it differs, so a
 * tick costs one text node and no rendering.
 */
export function Live<T>({
  topic,
  read,
  sign,
  className,
}: {
  topic: Topic<T>;
  read: (value: T) => string;
  /** Whose sign colours it. */
  sign?: (value: T) => string | null;
  className?: string | undefined;
}) {
  const node = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = (): void => {
      const { value } = topic;
      const span = node.current;
      const shown = span?.firstChild;
      if (span === null || shown == null || value === undefined) return;
      const text = read(value);
      // The text and not the node: one that is put in anew is styled and laid out as if it had never been there.
      if (shown.nodeValue !== text) shown.nodeValue = text;
      const direction = sign === undefined ? undefined : signOf(sign(value));
      if (direction !== undefined && span.dataset['sign'] !== direction) span.dataset['sign'] = direction;
    };
    write();
    return topic.subscribe(write);
  });
  return (
    <span ref={node} className={className} data-live>
      {EMPTY}
    </span>
  );
}

/** A constant, so that React never finds a reason to write over what the topic wrote. */
const EMPTY = '–';
