/** Orders that were placed together, with what of their group there is to trade by its exits. */
const LEGS = `
        select held.*, held.group_type = 'oco' or held.group_leg > 0 as is_exit from reservations held where held.group_id is not null`;

const GROUPS = `
        select group_id, group_type, symbol, remaining, exited,
            case when group_type = 'oco' then asked when side = 'sell' or entry_over then entered else asked end as covered
          from (
            select group_id, group_type, min(symbol) as symbol, min(side) filter (where is_exit) as side,
                min(qty) filter (where is_exit and replaces is null) as asked,
                coalesce(max(filled) filter (where not is_exit), 0) as entered,
                coalesce(bool_and(state = 'closed') filter (where not is_exit), false) as entry_over,
                coalesce(sum(remaining) filter (where is_exit), 0) as remaining,
                coalesce(sum(filled - carried) filter (where is_exit), 0) as exited
              from (${LEGS}) leg group by group_id, group_type
          ) summed`;

/** Of orders in groups. See verification-checks.ts and domain/group.ts. */
export const groupChecks: readonly string[] = [
  `
    -- The exits hold between them what the one that needs most needs, and the fees of each.
    select 'group_hold_differs_from_legs', 'group/' || whole.group_id, whole.symbol, due.remaining, whole.remaining
      from (${GROUPS}) whole
      cross join lateral (
        select coalesce(max(half_even(leg.principal::numeric * (whole.covered - whole.exited), leg.qty)), 0)
            + coalesce(sum(greatest(leg.fee_cap - leg.fee_paid, 0)), 0) as remaining
          from (${LEGS}) leg
          where leg.group_id = whole.group_id and leg.is_exit and leg.state = 'open' and whole.covered > whole.exited
      ) due
      where whole.remaining <> due.remaining`,
  `
    -- Both exits together trade no more than there was to protect.
    select 'group_exits_trade_too_much', 'group/' || group_id, symbol, covered, exited from (${GROUPS}) whole where exited > covered`,
  `
    -- All legs are there, once, of one account, symbol and quantity; exits are on the side that their kind asks for.
    select 'group_is_not_whole', 'group/' || group_id, min(symbol), max(case group_type when 'bracket' then 3 else 2 end), count(*)
      from (${LEGS}) leg
      where replaces is null
      group by group_id
      having count(*) <> max(case group_type when 'bracket' then 3 else 2 end) or count(distinct group_leg) <> count(*)
        or count(distinct (account_id, symbol, coalesce(asked_qty, qty), group_type)) <> 1
        or count(distinct side) filter (where is_exit) <> 1
        or min(side) filter (where not is_exit) = min(side) filter (where is_exit)`,
];
