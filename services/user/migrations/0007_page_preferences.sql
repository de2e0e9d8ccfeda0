-- How the page is liked; who had preferences before has what the page did by itself.
alter table preferences
  add column colours text not null default 'teal' check (colours in ('teal', 'sky', 'green_red', 'red_up')),
  add column density text not null default 'calm' check (density in ('calm', 'dense')),
  add column hide_amounts boolean not null default false,
  add column single_keys_off boolean not null default false,
  add column number_format text not null default '' check (length(number_format) <= 35),
  add column chart_timeframe text not null default 'minute'
    check (chart_timeframe in ('minute', 'minute_5', 'minute_15', 'hour', 'day', 'week', 'month')),
  add column chart_view text not null default 'candles' check (chart_view in ('candles', 'table')),
  add column watchlist text not null default '' check (length(watchlist) <= 100),
  add column blotter_height integer not null default 232 check (blotter_height between 100 and 2000);
