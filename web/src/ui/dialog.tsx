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
  /** A sheet comes from below on a phone, a drawer from the side. */
  shape?: 'centre' | 'sheet' | 'drawer' | 'top';
  isDismissable?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && element?.open === false) element.showModal();
    else if (!isOpen && element?.open === true) element.close();
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
      onClick={(event) => {
        if (isDismissable && event.target === dialog.current) onClose();
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
