import { Kbd } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { keys } from './keys.ts';
import styles from './keys-help.module.css';

export function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const groups = [...new Set(keys.map(({ group }) => group))];
  return (
    <Dialog title="All keys" isOpen={isOpen} onClose={onClose}>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keys
                .filter((key) => key.group === group)
                .map((key) => (
                  <div key={key.keys}>
                    <dt>{key.label}</dt>
                    <dd>
                      {key.keys.split(/[ +]/).map((part) => (
                        <Kbd key={part}>{part.length === 1 ? part.toUpperCase() : part}</Kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className={styles.note}>
        Single letters work outside fields, and can be turned off in the settings. No key sends an order.
      </p>
    </Dialog>
  );
}
