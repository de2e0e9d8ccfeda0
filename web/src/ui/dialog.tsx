import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { Icon } from './icon.tsx';

/** A native modal dialog: the browser traps the focus, closes it on Escape and gives the focus back. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  shape = 'centre',
  isDismissable = true,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** A sheet comes from below on a phone, a full one as high as it may be, whatever is in it; a drawer comes from the side. */
  shape?: 'centre' | 'sheet' | 'full' | 'drawer' | 'top';
  isDismissable?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressedOn = useRef<EventTarget>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (!isOpen || element === null || element.open) return undefined;
    const opener = document.activeElement;
    element.showModal();
    // The browser takes the first that can have it, which is the way out; React's autoFocus came before there was a dialog.
    element.querySelector<HTMLElement>('[data-first]')?.focus();
    // React takes it out before the browser could give the focus back.
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- Escape is the key
    <dialog
      ref={dialog}
      className={styles.dialog}
      data-shape={shape}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (isDismissable) onClose();
      }}
      onPointerDown={(event) => {
        pressedOn.current = event.target;
      }}
      onClick={(event) => {
        // Not whoever marks text beyond the edge, and not the second half of the double click that opened it.
        const isBeside = event.target === dialog.current && pressedOn.current === dialog.current;
        if (isDismissable && isBeside && event.detail < 2) onClose();
      }}
    >
      <div className={styles.inside}>
        <header className={styles.header}>
          <h2 id={id}>{title}</h2>
          {isDismissable && (
            <IconButton label="Close" onClick={onClose}>
              <Icon name="close" />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}
