import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { useSession } from '../api/session.ts';
import { useSymbolSearch } from '../api/symbol-search.ts';
import { useData } from '../api/use-data.ts';
import { Kbd } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { recentSymbols } from '../ui/recent.ts';
import { WhoIsHere } from './documents.ts';
import { perform } from './follow-keys.ts';
import { keys } from './keys.ts';
import styles from './palette.module.css';
import { matching, pagesMatching } from './palette-items.ts';

/** Everything by name: symbols first, then commands and pages. */
export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Search or jump to" isOpen={isOpen} onClose={onClose} shape="top">
      <Inside onClose={onClose} />
    </Dialog>
  );
}

interface Item {
  id: string;
  label: string;
  detail: string;
  hint?: string;
  run: () => void;
}

function Inside({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const found = useSymbolSearch(text);
  const session = useSession();
  const { data } = useData(WhoIsHere, {}, { pause: session !== 'signedIn', context: alreadyRead });
  const permissions = data?.myPermissions?.permissions;

  const items = useMemo((): Item[] => {
    const go = (href: string): void => void navigate({ href });
    const symbols = text.trim() === '' ? recentSymbols() : found;
    return [
      ...symbols.map(({ symbol, name }) => ({
        id: `symbol-${symbol}`,
        label: symbol,
        detail: name,
        run: () => go(`/trade/${symbol}`),
      })),
      ...matching(text, keys).map((key) => ({
        id: `key-${key.keys}`,
        label: key.label,
        detail: key.group,
        hint: key.keys,
        run: () => key.act !== undefined && perform(key.act, go),
      })),
      ...pagesMatching(text, permissions ?? []).map(({ label, group, to }) => ({
        id: `page-${to}`,
        label,
        detail: group,
        run: () => go(to),
      })),
    ];
  }, [found, text, navigate, permissions]);

  const pick = (item: Item | undefined): void => {
    if (item === undefined) return;
    onClose();
    item.run();
  };
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = (at + step + items.length) % Math.max(1, items.length);
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      pick(items[at]);
    }
  };
  return (
    <>
      <input
        className={styles.input}
        autoFocus
        data-first
        role="combobox"
        aria-label="Symbol, page or command"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={items[at] === undefined ? undefined : `${id}-${at}`}
        placeholder="Symbol, page or command"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={move}
      />
      <div id={id} role="listbox" aria-label="Found" className={styles.list} ref={list}>
        {items.map((item, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the input has the keys
          <div
            key={item.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={styles.item}
            onClick={() => pick(item)}
            onPointerMove={() => setAt(index)}
          >
            <strong>{item.label}</strong>
            <span>{item.detail}</span>
            {item.hint !== undefined && <Kbd>{item.hint.toUpperCase()}</Kbd>}
          </div>
        ))}
      </div>
      {items.length === 0 && <p className={styles.none}>Nothing is called that.</p>}
    </>
  );
}

const alreadyRead = { requestPolicy: 'cache-first' as const };
