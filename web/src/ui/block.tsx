import { type ReactNode, useEffect, useState } from 'react';
import styles from './block.module.css';
import { Button } from './button.tsx';

export interface BlockTrouble {
  kind: string;
  message: string;
  traceId: string;
}

/**
 * Everything that can be said instead of content. Each block loads and fails by itself: a skeleton only where the first answer
 * takes long, an error with its way out, an empty list with the act that fills it. Old data stays while new is fetched.
 */
export function Block<Data>({
  data,
  isLoading,
  error,
  reload,
  what,
  isEmpty,
  empty,
  frame,
  children,
}: {
  data: Data | null | undefined;
  isLoading: boolean;
  error?: BlockTrouble | undefined;
  reload?: (() => void) | undefined;
  /** In a sentence: "Your orders". */
  what: string;
  isEmpty?: ((data: Data) => boolean) | undefined;
  empty?: ReactNode;
  /** What stands there before the first answer, as large as what comes: the content with `–` for its values. */
  frame?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (data == null) {
    if (isLoading) return frame === undefined ? <Skeleton /> : <div aria-busy="true">{frame}</div>;
    if (error !== undefined) return <Failure what={what} error={error} reload={reload} />;
    if (empty !== undefined) return <Empty>{empty}</Empty>;
    return (
      <Failure what={what} error={{ kind: 'failed', message: 'There was no answer.', traceId: '' }} reload={reload} />
    );
  }
  if (isEmpty?.(data) === true) return <Empty>{empty}</Empty>;
  return children(data);
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className={styles.empty}>{children}</div>;
}

function Failure({ what, error, reload }: { what: string; error: BlockTrouble; reload?: (() => void) | undefined }) {
  if (error.kind === 'signedOut') return <Empty>Sign in to see {what.toLowerCase()}.</Empty>;
  return (
    <div className={styles.failure} role="alert">
      <p>
        <strong>{what} could not be read.</strong> {error.message}
      </p>
      <p className={styles.acts}>
        {reload !== undefined && <Button onClick={reload}>Try again</Button>}
        {error.traceId !== '' && (
          <Button kind="quiet" onClick={() => void navigator.clipboard.writeText(error.traceId)}>
            Copy trace id
          </Button>
        )}
      </p>
    </div>
  );
}

const SLOW_MS = 200;

function Skeleton() {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles.skeleton} aria-busy="true" data-slow={isSlow || undefined}>
      <span />
      <span />
      <span />
    </div>
  );
}

export function Page({ title, side, children }: { title: string; side?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Andvari`;
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.heading}>
        <h1>{title}</h1>
        {side}
      </header>
      {children}
    </div>
  );
}

export function Section({
  title,
  side,
  children,
  isFlush = false,
}: {
  title?: string;
  side?: ReactNode;
  children: ReactNode;
  isFlush?: boolean;
}) {
  return (
    <section className={styles.section} data-flush={isFlush || undefined} aria-label={title}>
      {(title !== undefined || side !== undefined) && (
        <header className={styles.sectionHead}>
          {title !== undefined && <h2>{title}</h2>}
          {side}
        </header>
      )}
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A number with the colour and the arrow of its sign. */
export function Signed({ sign, children }: { sign: 'up' | 'down' | 'flat'; children: ReactNode }) {
  return (
    <span className={styles.signed} data-sign={sign}>
      {children}
    </span>
  );
}

export function Notice({ tone = 'plain', children }: { tone?: 'plain' | 'warn' | 'good'; children: ReactNode }) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'warn' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
