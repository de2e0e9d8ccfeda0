import { lazy, Suspense } from 'react';
import { Dialog } from '../ui/dialog.tsx';

const SignInForm = lazy(async () => ({ default: (await import('../features/identity/sign-in-form.tsx')).SignInForm }));

/** Over the page that one was on: nothing that was typed there is lost. */
export function SignInAgain() {
  return (
    <Dialog title="Signed out" isOpen isDismissable={false} onClose={() => undefined}>
      <p>Your session has ended. Sign in to go on where you were.</p>
      <Suspense>
        <SignInForm onDone={() => undefined} />
      </Suspense>
    </Dialog>
  );
}
