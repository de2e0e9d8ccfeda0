import { hasUnderway } from '../api/orders.ts';
import { isTicketEmpty } from '../features/instrument/draft.ts';

/**
 * Whether a reload would lose anything: an order without an answer, a ticket with something in it, an open dialog, or text that was
 * typed on this page. What was typed and saved counts as well until one goes elsewhere: it is never wrong to wait.
 */
export function watchWhatIsUnderWay(): () => boolean {
  let typedOn: string | undefined;
  document.addEventListener('input', ({ target }) => {
    // Of a ticket it is known whether there is anything in it.
    if (target instanceof Element && target.closest('form[data-ticket]') === null) typedOn = window.location.pathname;
  });
  return () =>
    hasUnderway() ||
    !isTicketEmpty() ||
    document.querySelector('dialog[open]') !== null ||
    typedOn === window.location.pathname;
}
