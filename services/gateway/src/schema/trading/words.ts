import { wordEnum } from '../word-enum.ts';

export const OrderEventKind = wordEnum('OrderEventKind', 'What happened to an order.', {
  placed: 'It was taken on and reserved for.',
  new: 'The engine took it on.',
  fill: 'It traded, or a part of it.',
  canceled: 'What was left was taken back.',
  replaced: 'Another order has its place.',
  expired: 'Its time ran out.',
  rejected: 'The engine does not take it.',
  triggered: 'The market came to its stop price.',
  restated: 'It changed without its owner: a leg shrank with its group.',
  cancel_rejected: 'A cancel came too late; it is as it was.',
  replace_rejected: 'A replacement came too late or made no sense; it is as it was.',
  cancel_requested: 'Somebody asked for it to be cancelled.',
  replace_requested: 'Somebody asked for another in its place.',
});

export const OrderActor = wordEnum('OrderActor', 'Who caused something that happened to an order.', {
  user: 'Its owner, signed in.',
  api_key: 'A program of its owner.',
  operator: 'An operator.',
  engine: 'The engine.',
  service: 'A service, on nobody’s behalf.',
});

export const OrderReason = wordEnum(
  'OrderReason',
  'Why an order was not taken, ended or changed, as the engine says.',
  {
    unknown_symbol: 'There is no such instrument.',
    duplicate_order_id: 'The id stands for another order.',
    malformed: 'It could not be read.',
    unsupported_combination: 'Its type, time in force and flags do not go together.',
    quantity_invalid: 'The quantity is out of range.',
    quantity_off_lot: 'The quantity is not a whole number of lots.',
    price_invalid: 'The price is out of range.',
    price_off_tick: 'The price lies between two ticks.',
    stop_price_invalid: 'The stop price is out of range, or on the wrong side of the market.',
    trail_invalid: 'The trail is out of range.',
    notional_ceiling: 'It comes to more than one order may.',
    quantity_ceiling: 'It is for more than one order may be.',
    halted: 'Trading is interrupted.',
    session_closed: 'The session does not take it.',
    post_only_would_cross: 'It was post-only and would have traded at once.',
    unknown_order: 'There is no such order, or it has ended.',
    too_late: 'The order had ended by then.',
    not_replaceable: 'Such an order cannot be replaced.',
    group_quantity_fixed: 'The orders of a group are of one size.',
    group_invalid: 'The orders are no group of this type.',
    user_requested: 'Its owner had it cancelled.',
    ioc_remainder: 'What did not trade at once may not rest.',
    fok_unfillable: 'Not all of it could trade at once.',
    collar: 'The next price was beyond its collar.',
    no_liquidity: 'Nobody was on the other side.',
    self_trade: 'It would have traded with its own owner.',
    group: 'Another order of its group ended it.',
    sibling_filled: 'Another exit of its group traded.',
    entry_done: 'The entry of its group is done.',
    day_end: 'The session ended.',
    auction_remainder: 'What did not trade in the auction may not rest.',
    session_open: 'The session began.',
    instrument_invalid: 'The instrument is not defined as it should be.',
    quote_invalid: 'The quote is not as it should be.',
    corporate_action: 'The shares were split.',
    operator_requested: 'An operator had it cancelled.',
  },
);

export const OrderCommandKind = wordEnum('OrderCommandKind', 'What the engine was asked.', {
  placeOrder: 'To take on an order.',
  placeGroup: 'To take on a group.',
  cancelOrder: 'To cancel an order.',
  replaceOrder: 'To put an order in the place of another.',
});

export const ReservationState = wordEnum('ReservationState', 'Whether a reservation still holds something.', {
  open: 'Its order may still trade.',
  closed: 'Its order has ended; nothing is held any more.',
});

export const LedgerChange = wordEnum('LedgerChange', 'What changed in the ledger.', {
  fill_settled: 'A fill was booked.',
  funding_changed: 'A deposit or withdrawal came further.',
  transfer_posted: 'Money went between two accounts of one owner.',
  adjustment_posted: 'An operator corrected something.',
  split_applied: 'Shares became more or fewer, each worth less or more.',
  dividend_paid: 'A company paid its holders.',
});

export const ReportMisfit = wordEnum('ReportMisfit', 'Why a report did not fit its order.', {
  order_not_there_yet: 'It came before its order, and is kept until that comes.',
  order_ended: 'The order had ended already, by another report.',
  behind: 'It tells of less than is known.',
  gap: 'Something before it never came; what it says was taken over all the same.',
  other_order: 'It is of another order, symbol or side.',
  status_impossible: 'Such a report never leaves an order in that state.',
  duplicate_before_new: 'The id was used before anybody heard that it was.',
});
