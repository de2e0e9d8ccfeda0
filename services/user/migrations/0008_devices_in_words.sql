-- Letters of before said what a browser says it is; those since say what a person calls it: "Chrome on Linux".
with letters as (
  select id,
    substring(body from 'Mozilla/[0-9.]*[0-9](?: \([^)]*\)| [A-Za-z]+/[0-9A-Za-z.]*[0-9A-Za-z]| Mobile)*') as agent
  from notifications
  where kind = 'auth.login.new_device'
), described as (
  select id, agent,
    case
      when agent like '%Edg/%' then 'Edge'
      when agent like '%OPR/%' then 'Opera'
      when agent like '%Firefox/%' then 'Firefox'
      when agent like '%Chrome/%' then 'Chrome'
      when agent like '%Safari/%' then 'Safari'
      else 'Mozilla'
    end || coalesce(' on ' || case
      when agent like '%Windows%' then 'Windows'
      when agent like '%iPhone%' then 'iPhone'
      when agent like '%iPad%' then 'iPad'
      when agent like '%Android%' then 'Android'
      when agent like '%Mac OS%' then 'macOS'
      when agent like '%CrOS%' then 'ChromeOS'
      when agent like '%Linux%' then 'Linux'
    end, '') as words
  from letters
  where agent is not null
)
update notifications set body = replace(body, agent, words)
from described
where described.id = notifications.id;
