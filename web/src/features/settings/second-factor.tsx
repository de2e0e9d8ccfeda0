import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import { type Answer, useData, useSend } from '../../api/use-data.ts';
import { loadedAtLast } from '../../api/when-loaded.ts';
import {
  type FactorKind,
  inFours,
  otherKind,
  proofFields,
  recoverySheet,
  switchWords,
  wrongWords,
} from '../../text/second-factor.ts';
import { Block, Notice } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { formText } from '../../ui/form-text.ts';
import { dayAndTime } from '../../ui/time.ts';
import { say } from '../../ui/toasts.tsx';
import {
  ConfirmSecondFactor,
  DisableSecondFactor,
  EnrolSecondFactor,
  RenewRecoveryCodes,
  SecondFactor,
} from './documents.ts';
import styles from './settings.module.css';

const QrPicture = lazy(async () => ({ default: (await loadedAtLast(() => import('./qr-picture.tsx'))).QrPicture }));

/** Below so many one should make new ones. */
const FEW = 3;

type Secret = { secret: string; uri: string };

export function SecondFactorSettings() {
  const { data, isLoading, error, reload } = useData(SecondFactor, {});
  const [fresh, setFresh] = useState<readonly string[]>([]);
  const email = data?.me?.email ?? '';
  if (fresh.length > 0) return <RecoveryCodes codes={fresh} email={email} onKept={() => setFresh([])} />;
  return (
    <Block data={data?.secondFactor} isLoading={isLoading} error={error} reload={reload} what="Your second factor">
      {(factor) => (factor.enabled ? <Enabled factor={factor} onCodes={setFresh} /> : <Disabled onCodes={setFresh} />)}
    </Block>
  );
}

function Disabled({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const send = useSend();
  const [problem, setProblem] = useState('');
  const [secret, setSecret] = useState<Secret | undefined>();
  const enrol = async (): Promise<void> => {
    const answer = await send(EnrolSecondFactor, {});
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.enrolSecondFactor;
    if (result?.__typename !== 'SecondFactorSecret') return setProblem(result?.message ?? '');
    setProblem('');
    setSecret(result);
  };
  if (secret !== undefined) return <Enrolment secret={secret} onCodes={onCodes} onLeave={() => setSecret(undefined)} />;
  return (
    <div className={styles.factor}>
      {problem !== '' && <Notice tone="warn">{problem}</Notice>}
      <p>
        Off. With it, signing in takes a code of your phone or password manager besides the password: a password that
        leaks is not enough any more. API keys go on as they are.
      </p>
      <p>
        <Button kind="primary" onClick={() => void enrol()}>
          Set it up
        </Button>
      </p>
    </div>
  );
}

function Enrolment({
  secret: { secret, uri },
  onCodes,
  onLeave,
}: {
  secret: Secret;
  onCodes: (codes: readonly string[]) => void;
  onLeave: () => void;
}) {
  const send = useSend();
  const [problem, setProblem] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const code = formText(event.currentTarget, 'code');
    setBusy(true);
    const answer = await send(ConfirmSecondFactor, { code });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data.confirmSecondFactor;
    if (result?.__typename === 'SecondFactorEnabled') return onCodes(result.recoveryCodes);
    setProblem(result?.__typename === 'WrongCode' ? wrongWords.code : result?.message);
  };
  return (
    <ol className={styles.factorSteps}>
      <li>
        <p>
          Scan this with your authenticator, or give it the secret as a time-based code for Andvari. Nobody sees it
          again.
        </p>
        <div className={styles.scan}>
          <div className={styles.qr}>
            <Suspense>
              <QrPicture text={uri} label="The secret as a QR code" />
            </Suspense>
          </div>
          <div className={styles.factor}>
            <p>
              <code className={styles.factorSecret} aria-label="Secret">
                {inFours(secret)}
              </code>
            </p>
            <p className={styles.acts}>
              <Button onClick={() => void copied(secret, 'The secret')}>Copy it</Button>
              {uri.startsWith('otpauth://totp/') && <a href={uri}>Open in an authenticator on this device</a>}
            </p>
          </div>
        </div>
      </li>
      <li>
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <p>Type the code that it shows.</p>
          <Field {...proofFields.code} required problem={problem} />
          <p className={styles.acts}>
            <Button type="submit" kind="primary" disabled={isBusy}>
              Switch it on
            </Button>
            <Button onClick={onLeave}>Leave it</Button>
          </p>
        </form>
      </li>
    </ol>
  );
}

function RecoveryCodes({ codes, email, onKept }: { codes: readonly string[]; email: string; onKept: () => void }) {
  const sheet = recoverySheet(email, codes);
  return (
    <div className={styles.factor}>
      <Notice tone="good">
        <p>
          Signing in takes a code from now on. These are your recovery codes, shown this once. Keep them where your
          device is not: each lets you in once when it is lost. Without device and codes only an operator can help.
        </p>
      </Notice>
      <ul className={styles.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p className={styles.acts}>
        <Button onClick={() => void copied(sheet, 'The codes')}>Copy them</Button>
        <Button onClick={() => download(sheet)}>Download them</Button>
        <Button kind="primary" onClick={onKept}>
          I have kept them
        </Button>
      </p>
    </div>
  );
}

function Enabled({
  factor: { enabledAt, recoveryCodesLeft: left },
  onCodes,
}: {
  factor: { enabledAt: string | null; recoveryCodesLeft: number };
  onCodes: (codes: readonly string[]) => void;
}) {
  const send = useSend();
  const [asked, setAsked] = useState<'renew' | 'disable' | undefined>();
  const leave = (): void => setAsked(undefined);
  return (
    <div className={styles.factor}>
      <p>
        On{enabledAt !== null && ` since ${dayAndTime(enabledAt)}`}. {left} recovery {left === 1 ? 'code' : 'codes'}{' '}
        left.
      </p>
      {left <= FEW && <Notice tone="warn">Make new recovery codes before the last one is used.</Notice>}
      <p className={styles.acts}>
        <Button onClick={() => setAsked('renew')}>New recovery codes</Button>
        <Button kind="danger" onClick={() => setAsked('disable')}>
          Switch it off
        </Button>
      </p>
      {asked === 'renew' && (
        <ProofDialog
          title="New recovery codes?"
          act="Make them"
          onClose={leave}
          send={async (proof) => {
            const answer = await send(RenewRecoveryCodes, { proof });
            if (!answer.ok) return answer;
            const result = answer.data.renewRecoveryCodes;
            if (result?.__typename === 'RecoveryCodesRenewed') onCodes(result.recoveryCodes);
            return { ok: true, data: result };
          }}
        >
          The ones that are left will be good for nothing.
        </ProofDialog>
      )}
      {asked === 'disable' && (
        <ProofDialog
          title="Switch the second factor off?"
          act="Switch it off"
          isDanger
          onClose={leave}
          send={async (proof) => {
            const answer = await send(DisableSecondFactor, { proof });
            if (!answer.ok) return answer;
            const result = answer.data.disableSecondFactor;
            if (result?.__typename === 'SecondFactorDisabled') say('The second factor is off');
            return { ok: true, data: result };
          }}
        >
          Your password alone will be enough to sign in.
        </ProofDialog>
      )}
    </div>
  );
}

type Proof = { code: string } | { recoveryCode: string };
type Result = { __typename: string; message?: string } | null;

function ProofDialog({
  title,
  act,
  isDanger = false,
  onClose,
  send,
  children,
}: {
  title: string;
  act: string;
  isDanger?: boolean;
  onClose: () => void;
  send: (proof: Proof) => Promise<Answer<Result>>;
  children: ReactNode;
}) {
  const [kind, setKind] = useState<FactorKind>('code');
  const [problem, setProblem] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const text = formText(event.currentTarget, kind);
    setBusy(true);
    const answer = await send(kind === 'code' ? { code: text } : { recoveryCode: text });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.trouble.message);
    const result = answer.data;
    if (result?.__typename === 'WrongCode') return setProblem(wrongWords[kind]);
    if (result?.message !== undefined) return setProblem(result.message);
    onClose();
  };
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>{children}</p>
        <Field key={kind} {...proofFields[kind]} required autoFocus problem={problem} />
        <p className={styles.acts}>
          <Button type="submit" kind={isDanger ? 'danger' : 'primary'} disabled={isBusy}>
            {act}
          </Button>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            kind="quiet"
            onClick={() => {
              setKind(otherKind[kind]);
              setProblem(undefined);
            }}
          >
            {switchWords[kind]}
          </Button>
        </p>
      </form>
    </Dialog>
  );
}

async function copied(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} ${what.endsWith('s') ? 'are' : 'is'} copied`);
  } catch {
    say('This browser does not let a page copy; mark it and copy it yourself');
  }
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href: url, download: 'andvari-recovery-codes.txt' }).click();
  URL.revokeObjectURL(url);
}
