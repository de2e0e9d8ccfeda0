import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';

export type ButtonKind = 'plain' | 'primary' | 'buy' | 'sell' | 'quiet' | 'danger';

export function Button({
  kind = 'plain',
  isWide = false,
  isLarge = false,
  className,
  autoFocus,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: ButtonKind;
  isWide?: boolean;
  isLarge?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      {...rest}
      autoFocus={autoFocus}
      data-first={autoFocus || undefined}
      className={`${styles.button} ${styles[kind]} ${className ?? ''}`}
      data-wide={isWide || undefined}
      data-large={isLarge || undefined}
    >
      {children}
    </button>
  );
}

export function IconButton({
  label,
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; children: ReactNode }) {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={styles.icon}>
      {children}
    </button>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={styles.kbd}>{children}</kbd>;
}
