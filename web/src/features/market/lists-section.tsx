import { type FormEvent, useRef, useState } from 'react';
import type { ListsQuery } from '../../api/generated/graphql.ts';
import { useInstruments } from '../../api/instruments.ts';
import { useSymbolSearch } from '../../api/symbol-search.ts';
import { useData, useSend } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { Grip } from '../../ui/grip.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Tabs } from '../../ui/segmented.tsx';
import { say } from '../../ui/toasts.tsx';
import { CreateList, DeleteList, Lists, UpdateList } from './documents.ts';
import styles from './market.module.css';
import { QuoteGrid } from './quote-grid.tsx';
import { useOrderOfLists } from './use-order-of-lists.ts';

const NONE: readonly never[] = [];

type List = NonNullable<ListsQuery['watchlists']>['nodes'][number];

export function ListsSection() {
  const { data, isLoading, error, reload } = useData(Lists, {});
  const { lists, put } = useOrderOfLists(data?.watchlists?.nodes ?? NONE);
  const [chosen, setChosen] = useState<string | undefined>();
  const [editing, setEditing] = useState<'new' | 'edit' | undefined>();
  const list = lists.find(({ id }) => id === chosen) ?? lists[0];
  return (
    <Section
      title="Watchlists"
      side={
        <span className={styles.acts}>
          <Button kind="quiet" disabled={list === undefined} onClick={() => setEditing('edit')}>
            Edit
          </Button>
          <Button kind="quiet" onClick={() => setEditing('new')}>
            New list
          </Button>
        </span>
      }
    >
      <Block
        data={data?.watchlists}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="Your watchlists"
        isEmpty={({ nodes }) => nodes.length === 0}
        empty={
          <>
            <p>Keep an eye on what you choose.</p>
            <Button onClick={() => setEditing('new')}>Make a list</Button>
          </>
        }
      >
        {() => (
          <>
            {lists.length > 1 && list !== undefined && (
              <Tabs
                label="Watchlists"
                tabs={lists.map(({ id, name }) => [id, name] as const)}
                value={list.id}
                onPick={setChosen}
                onMove={put}
              />
            )}
            {list !== undefined && <OneList key={list.id} list={list} />}
          </>
        )}
      </Block>
      {editing !== undefined && (
        <EditList list={editing === 'edit' ? list : undefined} onClose={() => setEditing(undefined)} />
      )}
    </Section>
  );
}

/** Rows can be put in order here; the change is there at once and taken back if the server refuses it. */
function OneList({ list }: { list: List }) {
  const { known } = useInstruments();
  const { symbols, save } = useListOrder(list);
  const put = (symbol: string, at: number): void => {
    if (at < 0 || at >= symbols.length || at === symbols.indexOf(symbol)) return;
    save(symbols.filter((each) => each !== symbol).toSpliced(at, 0, symbol));
  };
  return (
    <>
      {symbols.length > 0 && (
        <QuoteGrid
          label={list.name}
          rows={symbols.map((symbol) => ({
            symbol,
            name: known.get(symbol)?.name ?? '',
            tick: known.get(symbol)?.tick,
          }))}
          acts={({ symbol }, at) => (
            <span className={styles.acts}>
              <Grip
                label={`Move ${symbol}`}
                onStep={(by) => put(symbol, at + by)}
                onDrop={(target) => put(symbol, symbols.indexOf(target))}
              />
              <IconButton label={`${symbol} up`} disabled={at === 0} onClick={() => put(symbol, at - 1)}>
                <Icon name="up" size={14} />
              </IconButton>
              <IconButton
                label={`${symbol} down`}
                disabled={at === symbols.length - 1}
                onClick={() => put(symbol, at + 1)}
              >
                <Icon name="down" size={14} />
              </IconButton>
              <IconButton
                label={`Take ${symbol} off the list`}
                onClick={() => save(symbols.filter((each) => each !== symbol))}
              >
                <Icon name="close" size={14} />
              </IconButton>
            </span>
          )}
        />
      )}
      <AddSymbol onAdd={(symbol) => !symbols.includes(symbol) && save([...symbols, symbol])} />
    </>
  );
}

/** As it is wanted, at once. What is changed while a change is on its way goes after it, from the version that it made. */
function useListOrder({ id, symbols: known, version }: List) {
  const send = useSend();
  const [order, setOrder] = useState<readonly string[] | undefined>();
  const wanted = useRef<readonly string[] | undefined>(undefined);
  const isSaving = useRef(false);
  const save = async (next: readonly string[]): Promise<void> => {
    setOrder(next);
    wanted.current = next;
    if (isSaving.current) return;
    isSaving.current = true;
    for (let expectedVersion = version; wanted.current !== undefined; ) {
      const symbols = [...wanted.current];
      wanted.current = undefined;
      const answer = await send(UpdateList, { input: { id, symbols, expectedVersion } });
      const updated = answer.ok ? answer.data.updateWatchlist : null;
      if (updated?.__typename === 'Watchlist') expectedVersion = updated.version;
      else {
        wanted.current = undefined;
        say(updated?.message ?? (answer.ok ? 'There was no answer.' : answer.trouble.message));
      }
    }
    isSaving.current = false;
    setOrder(undefined);
  };
  return { symbols: order ?? known, save: (next: readonly string[]) => void save(next) };
}

function AddSymbol({ onAdd }: { onAdd: (symbol: string) => void }) {
  const [text, setText] = useState('');
  const found = useSymbolSearch(text);
  const add = (symbol: string | undefined): void => {
    if (symbol === undefined) return;
    onAdd(symbol);
    setText('');
  };
  return (
    <form
      className={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        add(found[0]?.symbol);
      }}
    >
      <Field
        label="Add a symbol"
        layout="inline"
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoComplete="off"
        placeholder="Symbol or name"
      />
      <span className={styles.found}>
        {found.slice(0, 5).map(({ symbol, name }) => (
          <Button key={symbol} kind="quiet" onClick={() => add(symbol)}>
            {symbol} <small>{name}</small>
          </Button>
        ))}
      </span>
    </form>
  );
}

function EditList({ list, onClose }: { list: List | undefined; onClose: () => void }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const name = formText(event.currentTarget, 'name');
    const answer =
      list === undefined
        ? await send(CreateList, { input: { name, symbols: [] } })
        : await send(UpdateList, { input: { id: list.id, name, expectedVersion: list.version } });
    if (!answer.ok) return setProblem(answer.trouble.message);
    const [result] = Object.values(answer.data) as ({ __typename: string; message?: string } | null)[];
    if (result?.message !== undefined) return setProblem(result.message);
    onClose();
  };
  const remove = async (): Promise<void> => {
    if (list === undefined) return;
    const answer = await send(DeleteList, { id: list.id });
    if (answer.ok) onClose();
    else setProblem(answer.trouble.message);
  };
  return (
    <Dialog title={list === undefined ? 'A new list' : list.name} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Field
          label="Name"
          name="name"
          defaultValue={list?.name ?? ''}
          required
          maxLength={80}
          autoFocus
          problem={problem === '' ? undefined : problem}
        />
        <p className={styles.acts}>
          {list !== undefined && (
            <Button kind="danger" onClick={() => void remove()}>
              Delete the list
            </Button>
          )}
          <Button type="submit" kind="primary">
            Save
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
