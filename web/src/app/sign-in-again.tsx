import { SignInForm } from '../features/identity/sign-in-form.tsx';
import { Dialog } from '../ui/dialog.tsx';

/** Over the page that one was on: nothing that was typed there is lost. */
export function SignInAgain() {
  return (
    <Dialog title="Signed out" isOpen isDismissable={false} onClose={() => undefined}>
      <p>Your session has ended. Sign in to go on where you were.</p>
      <SignInForm onDone={() => undefined} />
    </Dialog>
  );
}
