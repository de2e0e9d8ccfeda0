import { Link } from '@tanstack/react-router';
import { type FormEvent, type InputHTMLAttributes, useId, useRef, useState } from 'react';
import { useClient } from 'urql';
import { type Placed, placeIntent } from '../../api/orders.ts';
import { newIntentId } from '../../api/sends.ts';
import { bookTopic, quoteTopic } from '../../live/market-feed.ts';
import { useIsOld } from '../../live/market-link.ts';
import { useTopicAtPace, useTopicPart } from '../../live/use-topic.ts';
import { forceWords, sideWords, spoken } from '../../text/orders.ts';
import { Notice } from '../../ui/block.tsx';
import { Button, Kbd } from '../../ui/button.tsx';
import { useCommands } from '../../ui/commands.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Check, Choice, Field } from '../../ui/field.tsx';
import { money, quantity, typed } from '../../ui/number.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { useTaste } from '../../ui/taste.ts';
import { type Draft, type DraftField, emptyDraft, shownAs, storeDraft, storedDraft, ticketOf } from './draft.ts';
import { wordsFor } from './refusal-words.ts';
import styles from './ticket.module.css';
import { Outcome } from './ticket-outcome.tsx';
import {
  needsExits,
  needsLimit,
  needsStop,
  needsTrail,
  refusal,
  type TicketInstrument,
  touchOf,
  touchSide,
  tradesAtOnce,
} from './ticket-rules.ts';
import { specsOf } from './ticket-specs.ts';
import { type AccountData, fieldOf, marketOf, saidOf, termsOf } from './ticket-terms.ts';
import { usePreview } from './use-preview.ts';

/** So seldom does a price that follows the market move: whoever reads it, and what it comes to, is not hurried. */
const FOLLOW_MS = 1000;

const types = [
  ['LIMIT', 'Limit'],
  ['MARKET', 'Market'],
  ['STOP', 'Stop'],
  ['STOP_LIMIT', 'Stop limit'],
  ['TRAILING_STOP', 'Trailing stop'],
] as const;
const shapes = [
  ['SINGLE', 'Alone'],
  ['BRACKET', 'With profit and stop'],
  ['OCO', 'Profit or stop'],
] as const;
const forces = (['DAY', 'GTC', 'IOC', 'FOK', 'OPG', 'CLS'] as const).map(
  (force) => [force, forceWords[force] ?? force] as const,
);

/** One ticket for all kinds of orders: more rows, not more pages. It fills by key and click, and is sent by nothing but its button. */
export function Ticket({
  instrument,
  account,
  isAccountLoading = false,
  fill,
  onSent,
}: {
  instrument: TicketInstrument & { currency: string };
  account: AccountData | undefined;
  /** Nobody says that there is none before it was looked for. */
  isAccountLoading?: boolean;
  /** From the URL: what a row elsewhere asked for. */
  fill?: Partial<Draft>;
  onSent?: () => void;
}) {
  const { symbol, currency } = instrument;
  const client = useClient();
  const { confirmsOrders } = useTaste();
  const [draft, setDraft] = useState<Draft>(() => ({ ...emptyDraft, ...storedDraft(symbol), ...fill }));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<Placed | 'sending' | undefined>();
  /** A followed price stands still while it is edited, asked about or sent: what is seen is what is sent. */
  const [held, setHeld] = useState<string | undefined>();
  const intent = useRef<{ id: string; body: string } | undefined>(undefined);
  const size = useRef<HTMLDivElement>(null);
  const remarkId = useId();

  const isLinkOld = useIsOld();
  const terms = account === undefined ? undefined : termsOf(account, symbol);
  const follows = draft.type === 'LIMIT' && needsLimit(draft) && draft.limitPrice === '';
  const taken = touchSide(draft);
  const best = useTopicAtPace(bookTopic(symbol), FOLLOW_MS, (book) =>
    follows ? (taken === 'ask' ? book?.asks : book?.bids)?.[0]?.price : undefined,
  );
  const touch = useTopicAtPace(quoteTopic(symbol), FOLLOW_MS, (quote) =>
    follows ? touchOf(draft, marketOf(quote, isLinkOld), best, instrument) : undefined,
  );
  const limitPrice = follows ? (held ?? (touch === undefined ? '' : typed(touch, instrument.tick))) : draft.limitPrice;
  const shown: Draft = { ...draft, limitPrice };
  const ticket = ticketOf(shown);
  // Drawn anew when a tick changes what is said here, and not with every one.
  useTopicPart(quoteTopic(symbol), (quote) => saidOf(ticket, instrument, marketOf(quote, isLinkOld), terms));
  const market = marketOf(quoteTopic(symbol).value, isLinkOld);
  const wrong = refusal(ticket, instrument, market, terms);
  const { legs, group } = specsOf(ticket, symbol);
  const { preview, refusal: served } = usePreview(
    account?.accountId,
    wrong === undefined && group === undefined ? legs[0] : undefined,
  );

  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    storeDraft(symbol, next);
    setAnswer(undefined);
  };
  useCommands((command) => {
    if (command.name === 'ticket.side') change({ side: command.side });
    else if (command.name === 'ticket.price') {
      change({
        side: command.side,
        limitPrice: typed(command.price, instrument.tick),
        ...(needsLimit(draft) ? {} : { type: 'LIMIT' as const, shape: 'SINGLE' as const }),
      });
    } else return false;
    size.current?.querySelector('input')?.focus();
    return true;
  });

  const send = async (): Promise<void> => {
    if (account === undefined) return;
    setAsking(false);
    const body = JSON.stringify({ legs, group, accountId: account.accountId });
    // The same ticket once more is the same order; a changed one is a new intent.
    if (intent.current?.body !== body) intent.current = { id: newIntentId(), body };
    setAnswer('sending');
    const placed = await placeIntent(client, {
      clientOrderId: intent.current.id,
      accountId: account.accountId,
      legs,
      group,
    });
    setAnswer(placed);
    setHeld(undefined);
    if (placed.kind !== 'placed') {
      // Sent once more it has to be the same, and what was refused is what was said.
      setDraft(shown);
      storeDraft(symbol, shown);
    }
    if (placed.kind === 'unknown') return;
    intent.current = undefined;
    if (placed.kind !== 'placed') return;
    const next = { ...draft, size: '' };
    setDraft(next);
    storeDraft(symbol, next);
    setTouched(new Set());
    onSent?.();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTouched(new Set(['size', 'limitPrice', 'stopPrice', 'trail', 'takeProfit', 'stopLoss']));
    if (wrong !== undefined || answer === 'sending') return;
    setHeld(limitPrice);
    if (confirmsOrders) setAsking(true);
    else void send();
  };
  const leave = (): void => {
    setAsking(false);
    if (answer !== 'sending') setHeld(undefined);
  };

  const refusedField =
    typeof answer === 'object' && answer.kind === 'refused' ? fieldOf(answer.field, draft.shape) : undefined;
  const problemOf = (field: DraftField): string | undefined => {
    if (refusedField === field && typeof answer === 'object' && answer.kind === 'refused') return answer.message;
    if (!touched.has(field)) return undefined;
    if (ticket[field] === null) return shownAs(shown[field]);
    if (wrong?.field === field) return wordsFor(wrong, ticket, instrument, terms?.sharesAvailable ?? '0');
    return undefined;
  };
  const servedField = served === undefined ? undefined : fieldOf(served.field, draft.shape);
  const refusedAhead = servedField === undefined || touched.has(servedField) ? served : undefined;
  const entry = (field: DraftField, label: string, more?: InputHTMLAttributes<HTMLInputElement>) => (
    <Field
      label={label}
      layout="row"
      inputMode="decimal"
      autoComplete="off"
      value={shown[field]}
      onChange={(event) => change({ [field]: event.target.value })}
      onBlur={() => draft[field] !== '' && setTouched(new Set([...touched, field]))}
      problem={problemOf(field)}
      problemId={refusedAhead !== undefined && servedField === field ? remarkId : undefined}
      hint={draft[field] === '' ? undefined : shownAs(draft[field])}
      {...more}
    />
  );
  const following: InputHTMLAttributes<HTMLInputElement> = {
    onFocus: () => setHeld(limitPrice),
    // The first key writes over what nobody has typed.
    onClick: (event) => follows && event.currentTarget.select(),
    onChange: (event) => {
      setHeld('');
      change({ limitPrice: event.target.value });
    },
    onBlur: () => {
      if (!follows) setTouched(new Set([...touched, 'limitPrice']));
      if (!asking && answer !== 'sending') setHeld(undefined);
    },
  };
  const about =
    ticket.size === null || ticket.size === ''
      ? ''
      : ticket.sizeIn === 'MONEY'
        ? `${money(ticket.size, currency)} of `
        : `${quantity(ticket.size)} `;
  const pastPrice = wrong === undefined ? tradesAtOnce(ticket, market) : undefined;
  const overall = wrong?.field === 'ticket' ? wordsFor(wrong, ticket, instrument, '0') : undefined;
  const kind = draft.side === 'BUY' ? 'buy' : 'sell';

  return (
    <form className={styles.ticket} onSubmit={submit} aria-label={`Ticket for ${symbol}`} data-ticket noValidate>
      <Segmented
        label="Side"
        options={[
          ['BUY', 'Buy'],
          ['SELL', 'Sell'],
        ]}
        value={draft.side}
        onPick={(side) => change({ side })}
        tone={(side) => (side === 'BUY' ? 'buy' : 'sell')}
      />
      {draft.shape !== 'OCO' && (
        <Choice label="Type" layout="row" options={types} value={draft.type} onPick={(type) => change({ type })} />
      )}
      <div className={styles.size} ref={size}>
        {entry('size', draft.sizeIn === 'SHARES' ? 'Quantity' : 'Amount')}
        {draft.type === 'MARKET' && draft.shape === 'SINGLE' && instrument.fractionable && (
          <button
            type="button"
            className="link"
            onClick={() => change({ sizeIn: draft.sizeIn === 'SHARES' ? 'MONEY' : 'SHARES', size: '' })}
          >
            {draft.sizeIn === 'SHARES' ? `in ${currency}` : 'in shares'}
          </button>
        )}
      </div>
      {needsStop(draft) && entry('stopPrice', 'Stop price')}
      {needsLimit(draft) && entry('limitPrice', 'Limit price', draft.type === 'LIMIT' ? following : undefined)}
      {needsLimit(draft) && draft.type === 'LIMIT' && (
        <p className={styles.offers}>
          <button type="button" className="link" aria-pressed={follows} onClick={() => change({ limitPrice: '' })}>
            At the {taken}
          </button>
          <button type="button" className="link" onClick={() => change({ type: 'MARKET' })}>
            At market
          </button>
        </p>
      )}
      {needsTrail(draft) && (
        <div className={styles.size}>
          {entry('trail', draft.trailIn === 'PERCENT' ? 'Trail, %' : 'Trail')}
          <button
            type="button"
            className="link"
            onClick={() => change({ trailIn: draft.trailIn === 'PERCENT' ? 'MONEY' : 'PERCENT', trail: '' })}
          >
            {draft.trailIn === 'PERCENT' ? `in ${currency}` : 'in %'}
          </button>
        </div>
      )}
      {needsExits(draft) && entry('takeProfit', 'Take profit')}
      {needsExits(draft) && entry('stopLoss', 'Stop loss')}
      <Choice label="Good" layout="row" options={forces} value={draft.force} onPick={(force) => change({ force })} />
      <details className={styles.more} open={draft.shape !== 'SINGLE' || draft.postOnly}>
        <summary>More</summary>
        <Choice
          label="Exits"
          layout="row"
          options={shapes}
          value={draft.shape}
          onPick={(shape) => change({ shape, sizeIn: 'SHARES' })}
        />
        {draft.type === 'LIMIT' && draft.shape === 'SINGLE' && (
          <Check
            label="Never take, only rest"
            checked={draft.postOnly}
            onChange={(event) => change({ postOnly: event.target.checked })}
          />
        )}
      </details>
      <Outcome
        ticket={ticket}
        market={market}
        account={wrong === undefined && served === undefined ? terms : undefined}
        preview={preview}
        currency={currency}
      />
      <div className={styles.send}>
        <Button type="submit" kind={kind} isWide isLarge disabled={answer === 'sending' || overall !== undefined}>
          {answer === 'sending' ? 'Sending…' : `${sideWords[draft.side]} ${about}${symbol}`}
          <Kbd>⏎</Kbd>
        </Button>
        <div className={styles.remarks}>
          {overall === undefined && market?.isStale === true && <p>The price is old: look before you send.</p>}
          {overall !== undefined && !(isAccountLoading && wrong?.code === 'no_account') && (
            <p>{wrong?.code === 'no_account' ? <Link to="/welcome">{overall}</Link> : overall}</p>
          )}
          {refusedAhead !== undefined && (
            <p id={remarkId} className={styles.refused}>
              {refusedAhead.message}
            </p>
          )}
          {pastPrice !== undefined && (
            <p>
              {pastPrice === 'takeProfit' ? 'The profit' : 'The stop'} is past the last price: it would trade at once.
            </p>
          )}
          {preview?.warnings.map(({ code, message }) => (
            <p key={code}>{message}</p>
          ))}
          <Answer answer={answer} isShown={refusedField === undefined} />
        </div>
      </div>
      <Dialog title="Send this order?" isOpen={asking} onClose={leave}>
        <p>{legs.map((leg) => spoken(leg as Parameters<typeof spoken>[0], currency)).join('; then ')}.</p>
        <p className={styles.acts}>
          <Button autoFocus onClick={leave}>
            Cancel
          </Button>
          <Button kind={kind} onClick={() => void send()}>
            {sideWords[draft.side]} {about}
            {symbol}
          </Button>
        </p>
      </Dialog>
    </form>
  );
}

function Answer({ answer, isShown }: { answer: Placed | 'sending' | undefined; isShown: boolean }) {
  if (answer === undefined || answer === 'sending') return null;
  if (answer.kind === 'unknown') {
    return (
      <Notice tone="warn">
        Nobody has answered yet. It may have been heard, so it is being looked for; sending the same ticket again cannot
        make a second order.
      </Notice>
    );
  }
  if (answer.kind === 'refused') return isShown ? <Notice tone="warn">{answer.message}</Notice> : null;
  return <Notice tone="good">Sent. Its state is in the list of orders.</Notice>;
}
