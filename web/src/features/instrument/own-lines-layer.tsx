import { type IPriceLine, LineStyle } from 'lightweight-charts';
import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { replaceOrder } from '../../api/replace.ts';
import { newIntentId } from '../../api/sends.ts';
import { sideWords } from '../../text/orders.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { order as compare, drawn, price, quantity } from '../../ui/number.ts';
import { useTaste } from '../../ui/taste.ts';
import { themeInks } from '../../ui/theme-inks.ts';
import { say } from '../../ui/toasts.tsx';
import styles from './chart.module.css';
import type { ChartParts } from './chart-parts.ts';
import { linesOf, type OwnLine, type OwnOrder, type Place, placeAt, placeBeside } from './own-lines.ts';
import { fieldWords, ReplaceQuestion, trailWords } from './replace-question.tsx';
import type { TicketInstrument } from './ticket-rules.ts';
import { useTrailingStops } from './use-trailing-stops.ts';

/** A line on its way to another price: under a finger, or sent and not yet answered. */
interface Draft {
  key: string;
  version: number;
  to: Place;
  isSent: boolean;
}

/** One's own open orders across the chart. A line that is drawn, or moved by keys, to another price replaces its order. */
export function OwnLinesLayer({
  parts,
  orders,
  instrument,
}: {
  parts: ChartParts;
  orders: readonly OwnOrder[];
  instrument: TicketInstrument & { currency: string };
}) {
  const client = useClient();
  const { confirmsOrders } = useTaste();
  const stops = useTrailingStops(orders);
  const lines = useMemo(() => linesOf(orders, stops), [orders, stops]);
  const [draft, setDraft] = useState<Draft>();
  const [isAsking, setAsking] = useState(false);
  const intent = useRef<{ id: string; body: string } | undefined>(undefined);
  const places = usePlaces(parts);

  const moved = lines.find(({ key, order }) => key === draft?.key && isSame(order, draft));
  const move = (line: OwnLine, to: Place): void =>
    setDraft({ key: line.key, version: line.order.version, to, isSent: false });
  const giveUp = (): void => {
    setAsking(false);
    setDraft(undefined);
  };
  const send = async (line: OwnLine, to: Place): Promise<void> => {
    setAsking(false);
    const { orderId, version } = line.order;
    const body = JSON.stringify([orderId, version, line.field, to.value]);
    if (intent.current?.body !== body) intent.current = { id: newIntentId(), body };
    setDraft({ key: line.key, version, to, isSent: true });
    const replaced = await replaceOrder(client, { orderId, clientOrderId: intent.current.id, [line.field]: to.value });
    if (replaced.kind === 'replaced') return;
    setDraft(undefined);
    say(`${line.order.symbol} was not replaced: ${replaced.message}`);
  };
  /** Let go of: back where it was is nothing, else it is asked or sent. */
  const settle = (line: OwnLine): void => {
    if (draft === undefined || draft.key !== line.key || draft.isSent) return;
    if (compare(draft.to.value, line.value) === 0) return giveUp();
    if (confirmsOrders) setAsking(true);
    else void send(line, draft.to);
  };

  return (
    <>
      {lines.map((line) => (
        <Line
          key={line.key}
          parts={parts}
          line={line}
          at={moved?.key === line.key && draft !== undefined ? draft.to : line}
          isSent={moved?.key === line.key && draft?.isSent === true}
          instrument={instrument}
          places={places}
          onMove={(to) => move(line, to)}
          onSettle={() => settle(line)}
          onGiveUp={() => !isAsking && draft?.isSent !== true && giveUp()}
        />
      ))}
      <Dialog title="Replace this order?" isOpen={isAsking && moved !== undefined} onClose={giveUp}>
        {moved !== undefined && draft !== undefined && (
          <ReplaceQuestion
            line={moved}
            to={draft.to}
            instrument={instrument}
            onLeave={giveUp}
            onReplace={() => void send(moved, draft.to)}
          />
        )}
      </Dialog>
    </>
  );
}

/** As it was when it was taken, or on its way; one that has changed since is where it is. */
const isSame = ({ version, status }: OwnOrder, draft: Draft): boolean =>
  version === draft.version || status === 'PENDING_REPLACE';

/** There is little room: what is left out is said where the line is taken hold of. */
const shortTrail = (field: OwnLine['field'], value: string): string =>
  field === 'trailPercent' ? ` ${quantity(value)}%` : field === 'trailAmount' ? ` ${quantity(value)}` : '';

type Places = Map<string, { node: HTMLElement; price: string }>;

const keySteps: Record<string, number> = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/** The line itself is the chart's; what one takes hold of stands on it. */
function Line({
  parts,
  line,
  at: place,
  isSent,
  instrument,
  places,
  onMove,
  onSettle,
  onGiveUp,
}: {
  parts: ChartParts;
  line: OwnLine;
  at: Place;
  isSent: boolean;
  instrument: TicketInstrument;
  places: Places;
  onMove: (to: Place) => void;
  onSettle: () => void;
  onGiveUp: () => void;
}) {
  const { key, order, field, isMovable } = line;
  const { price: at } = place;
  usePriceLine(parts, at, field);
  const handle = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (handle.current !== null) places.set(key, { node: handle.current, price: at });
    arrange(parts, places);
    return () => void places.delete(key);
  }, [parts, places, key, at]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = keySteps[event.key];
    if (steps !== undefined) onMove(placeBeside(line, place, steps, instrument));
    else if (event.key === 'Enter') onSettle();
    else if (event.key === 'Escape') onGiveUp();
    else return;
    event.preventDefault();
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.parentElement;
    if (box === null || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const to = parts.candles.coordinateToPrice(event.clientY - box.getBoundingClientRect().top);
    if (to !== null) onMove(placeAt(line, to, instrument));
  };
  const words = `${sideWords[order.side]} ${quantity(order.remainingQuantity)}`;
  const behind = trailWords(field, place.value, instrument.tick);
  const shownAt = `${price(at, instrument.tick)}${behind === undefined ? '' : `, ${behind}`}`;
  const acts =
    isMovable && !isSent
      ? {
          tabIndex: 0,
          onKeyDown,
          onPointerDown: (event: PointerEvent<HTMLElement>) => event.currentTarget.setPointerCapture(event.pointerId),
          onPointerMove,
          onPointerUp: onSettle,
          onPointerCancel: onGiveUp,
          onBlur: onGiveUp,
        }
      : { 'aria-disabled': true };
  return (
    <div
      ref={handle}
      className={styles.handle}
      role="spinbutton"
      aria-label={`${words} ${order.symbol}, ${fieldWords[field]}: arrows move it, Enter replaces`}
      aria-valuenow={drawn(at)}
      aria-valuetext={shownAt}
      data-movable={(isMovable && !isSent) || undefined}
      {...acts}
    >
      <strong data-sign={order.side === 'BUY' ? 'up' : 'down'}>{words}</strong>
      <span>{isSent ? 'replacing' : `${price(at, instrument.tick)}${shortTrail(field, place.value)}`}</span>
    </div>
  );
}

function usePriceLine(parts: ChartParts, at: string, field: OwnLine['field']): void {
  const made = useRef<IPriceLine | undefined>(undefined);
  const taste = useTaste();
  useEffect(() => {
    const line = parts.candles.createPriceLine({ price: 0, lineWidth: 1, axisLabelVisible: true, title: '' });
    made.current = line;
    return () => {
      made.current = undefined;
      if (!parts.isGone) parts.candles.removePriceLine(line);
    };
  }, [parts]);
  useEffect(() => {
    made.current?.applyOptions({
      price: drawn(at),
      color: themeInks()('--accent'),
      lineStyle: field === 'limitPrice' ? LineStyle.Solid : LineStyle.Dashed,
    });
  }, [parts, at, field, taste]);
}

/** Whatever moves the picture moves what stands on it, in the same frame. */
function usePlaces(parts: ChartParts): Places {
  const [places] = useState<Places>(() => new Map());
  useEffect(() => {
    const follow = { updateAllViews: () => arrange(parts, places) };
    parts.candles.attachPrimitive(follow);
    return () => {
      if (!parts.isGone) parts.candles.detachPrimitive(follow);
    };
  }, [parts, places]);
  return places;
}

const HALF = 11;
const WIDTH = 148;
const GAP = 8;
/** On a phone the choice of a timeframe reaches over the whole picture, and what is above its edge stands below that. */
const NARROW = 480;
const TOOLS = 58;

/** At the price, at the edge where that is beyond the picture, and beside one that stands there already. */
function arrange({ chart, candles, isGone }: ChartParts, places: Places): void {
  if (isGone || places.size === 0) return;
  const { height, width } = chart.paneSize();
  const ceiling = HALF + (width < NARROW ? TOOLS : 0);
  const axis = chart.priceScale('right').width();
  const inset = `${axis + GAP}px`;
  const fit = Math.max(1, Math.floor(width / WIDTH));
  const shown = [...places.values()]
    .map(({ node, price: at }) => ({ node, y: candles.priceToCoordinate(drawn(at)) }))
    .toSorted((one, other) => (one.y ?? 0) - (other.y ?? 0));
  let [above, column] = [Number.NEGATIVE_INFINITY, 0];
  for (const { node, y } of shown) {
    if (node.hidden !== (y === null)) node.hidden = y === null;
    if (y === null) continue;
    const top = y < 0 ? ceiling : Math.min(height - HALF, Math.max(HALF, y));
    column = top - above < 2 * HALF ? column + 1 : 0;
    above = top;
    // What finds no room beside the others any more begins a row of its own, away from the edge.
    const row = Math.floor(column / fit) * 2 * HALF * (top > height / 2 ? -1 : 1);
    const at = `translate(${-(column % fit) * WIDTH}px, ${Math.round(top - HALF + row)}px)`;
    const beyond = y < 0 ? 'up' : y > height ? 'down' : '';
    // Every tick comes here, and most move nothing: what is written anew is styled and laid out anew.
    if (node.style.insetInlineEnd !== inset) node.style.insetInlineEnd = inset;
    if (node.style.transform !== at) node.style.transform = at;
    if (node.dataset['beyond'] !== beyond) node.dataset['beyond'] = beyond;
  }
}
