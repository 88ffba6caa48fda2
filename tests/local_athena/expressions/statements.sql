select 1 as a, 'x' as b

select * from (values (1, 'a'), (2, null)) as t (id, name) order by id

select t.* from (values (1, 'a')) as t (id, name)

select id, t.name from (values (1, 'a')) as t (id, name)

select ID, "Name" from (values (1, 'a')) as t (id, name)

select t.nosuch from (values 1) as t (x)

select nosuch from (values 1) as t (x)

select u.x from (values 1) as t (x)

select x from (values 1) as t (x) join (values 1) as u (x) on t.x = u.x

select t.x, u.x from (values 1) as t (x) join (values 1) as u (x) on t.x = u.x

select x from (values 1) as t (x) join (values 1) as u (x) using (x)

select * from (values (1, 2)) as t (x, y) join (values (1, 3)) as u (x, z) using (x)

select t.id, u.v from (values 1, 2, 3) as t (id) left join (values (1, 'a'), (3, null)) as u (id, v) on t.id = u.id order by 1

select t.id, u.id as other from (values 1, 2) as t (id) full join (values 2, 3) as u (id) on t.id = u.id order by coalesce(t.id, u.id)

select t.id from (values 1, 2) as t (id) right join (values 2, 3) as u (id) on t.id = u.id order by u.id

select t.id, u.id from (values 1, 2) as t (id) cross join (values 3) as u (id) order by 1

select t.id from (values 1, 2, null) as t (id) left join (values 1, null) as u (id) on t.id = u.id where u.id is null order by 1

select t.id from (values 1, 2) as t (id) where exists (select 1 from (values 2) as u (id) where u.id = t.id)

select t.id from (values 1, 2, null) as t (id) where not exists (select 1 from (values 2) as u (id) where u.id = t.id) order by 1

select t.id from (values 1, 2, null) as t (id) where t.id not in (select id from (values 2) as u (id))

select t.id from (values 1, 2) as t (id) where t.id not in (select id from (values 2, null) as u (id))

select id from (values 1, 2) as t (id) where id = (select max(id) from (values 1, 2) as u (id))

select id from (values 1, 2) as t (id) where id = (select id from (values 1, 2) as u (id))

with a as (select 1 as x), b as (select x + 1 as y from a) select * from b

with a (k, v) as (values (1, 'a')) select k, v from a

with a as (select 1 as x) select x from A

with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) select n from r order by n

select x from (select 1 as x union all select 1) order by x

select x from (select 1 as x union select 1) as t

select 1 as x union all select 2 order by x desc

select 1 as x union all select 'a'

select 1 as x, 2 as y union all select 1

select 1 as x union all select decimal '2.5' order by 1

select null as x union all select date '2025-01-01' order by 1

select x from (values 1, 2, 3) as t (x) intersect select x from (values 2, 3) as u (x) order by x

select x from (values 1, 2, 2, 3) as t (x) except select x from (values 2) as u (x) order by x

select distinct x from (values 1, 1, null, null) as t (x) order by x

select x from (values 3, null, 1) as t (x) order by x

select x from (values 3, null, 1) as t (x) order by x desc

select x from (values 3, null, 1) as t (x) order by x nulls first

select x from (values 3, null, 1) as t (x) order by x desc nulls first

select x from (values 'b', 'B', 'a', 'é', 'z', '😀') as t (x) order by x

select x from (values 1, 2, 3) as t (x) order by x limit 2

select x from (values 1, 2, 3) as t (x) order by x offset 1 limit 1

select x from (values 1, 2, 3) as t (x) order by x offset 1 row fetch first 1 row only

select x from (values 1, 2, 3) as t (x) order by x limit 1 offset 1

select x as y from (values 2, 1) as t (x) order by y

select x + 1 as y from (values 2, 1) as t (x) order by x

select x as y from (values 1) as t (x) where y = 1

select x as y, y + 1 as z from (values 1) as t (x)

select x as y, count(*) as n from (values 1, 1) as t (x) group by y

select x, count(*) as n from (values 1, 1, 2) as t (x) group by x order by x

select x, count(*) as n from (values 1, 1, 2) as t (x) group by 1 order by 1

select x, y, count(*) from (values (1, 2)) as t (x, y) group by x

select x + 1, count(*) from (values 1, 1) as t (x) group by x + 1

select x + 1, count(*) from (values 1, 1) as t (x) group by x

select x + 2, count(*) from (values 1, 1) as t (x) group by x + 1

select x, sum(y) as s from (values (1, 2), (1, 3), (2, null)) as t (x, y) group by x having sum(y) > 1 order by x

select x from (values 1, 1) as t (x) having count(*) > 1

select count(*) from (values 1) as t (x) where count(*) > 0

select x from (values 1, 2) as t (x) group by x having x > 1

select upper(x), count(*) from (values 'a', 'A') as t (x) group by upper(x)

select count(*), count(x), count(distinct x), count(1) from (values 1, 1, null) as t (x)

select count(*), sum(x), avg(x), min(x), max(x) from (values 1) as t (x) where x > 5

select sum(x), avg(x), min(x), max(x) from (values 1, 2, null) as t (x)

select typeof(sum(x)), typeof(avg(x)), typeof(count(x)), typeof(min(x)) from (values 1, 2) as t (x)

select sum(x), avg(x), typeof(sum(x)), typeof(avg(x)) from (values decimal '1.5', decimal '2.25') as t (x)

select sum(x), avg(x), typeof(avg(x)) from (values 1e0, 2e0) as t (x)

select sum(x) from (values bigint '9223372036854775807', bigint '1') as t (x)

select sum(x) from (values 2147483647, 1) as t (x)

select sum(x) from (values 'a') as t (x)

select avg(x) from (values date '2025-01-01') as t (x)

select min(x), max(x) from (values 'b', 'a', null) as t (x)

select min(x), max(x) from (values date '2025-01-01', date '2024-01-01') as t (x)

select min(x) from (values true, false) as t (x)

select max(x) from (values array[1], array[2]) as t (x)

select count(*) filter (where x > 1) from (values 1, 2, 3) as t (x)

select count_if(x > 1), bool_or(x > 2), bool_and(x > 0), every(x > 0) from (values 1, 2, 3) as t (x)

select bool_or(x) from (values cast(null as boolean)) as t (x)

select sum(case when x > 1 then 1 else 0 end) from (values 1, 2, 3) as t (x)

select array_agg(x order by x) from (values 3, 1, null) as t (x)

select array_agg(x order by x desc) from (values 3, 1) as t (x)

select array_agg(distinct x order by x) from (values 3, 1, 1) as t (x)

select array_agg(x) from (values 1) as t (x) where false

select array_agg(x order by x) filter (where x > 1) from (values 1, 2, 3) as t (x)

select array_join(array_agg(x order by x), ';') from (values 'b', 'a') as t (x)

select listagg(x, ',') within group (order by x) from (values 'b', 'a') as t (x)

select max_by(x, y), min_by(x, y) from (values ('a', 1), ('b', 2)) as t (x, y)

select arbitrary(x), any_value(x) from (values 1, 1) as t (x)

select map_agg(x, y) from (values ('a', 1), ('b', 2)) as t (x, y)

select histogram(x) from (values 'a', 'a') as t (x)

select approx_distinct(x) from (values 1, 2) as t (x)

select approx_percentile(x, decimal '0.5') from (values 1, 2, 3) as t (x)

select stddev(x), variance(x) from (values 1, 2, 3) as t (x)

select checksum(x) from (values 1) as t (x)

select geometric_mean(x) from (values 1e0) as t (x)

select sum(distinct x), avg(distinct x) from (values 1, 1, 2) as t (x)

select count(distinct (x, y)) from (values (1, 2), (1, 2)) as t (x, y)

select count(x, y) from (values (1, 2)) as t (x, y)

select x, row_number() over (order by x) from (values 'b', 'a') as t (x) order by x

select x, row_number() over (partition by x order by y desc) as n from (values (1, 1), (1, 2), (2, 1)) as t (x, y) order by x, n

select x, rank() over (order by x), dense_rank() over (order by x) from (values 1, 1, 2) as t (x) order by x

select x, lag(x) over (order by x), lead(x) over (order by x), lag(x, 2, 0) over (order by x) from (values 1, 2, 3) as t (x) order by x

select x, first_value(x) over (order by x), last_value(x) over (order by x) from (values 1, 2) as t (x) order by x

select x, sum(x) over (order by x), sum(x) over (), count(*) over (partition by x) from (values 1, 2, 2) as t (x) order by x

select x, sum(x) over (order by x rows between 1 preceding and current row) from (values 1, 2, 3) as t (x) order by x

select x, sum(x) over w from (values 1, 2) as t (x) window w as (order by x) order by x

select x, row_number() over (order by x nulls first) from (values 1, null) as t (x) order by 2

select x, row_number() over (order by x) from (values 1, null) as t (x) order by 2

select x, ntile(2) over (order by x), percent_rank() over (order by x), cume_dist() over (order by x) from (values 1, 2, 3) as t (x) order by x

select x from (values 1, 2) as t (x) where row_number() over (order by x) = 1

select x, row_number() over (order by x) as n from (values 1, 2) as t (x) qualify n = 1

select x, count(*) as c, row_number() over (order by count(*) desc, x) as n from (values 1, 1, 2) as t (x) group by x order by n

select t.x, u.e from (values (1, array['a', 'b'])) as t (x, l) cross join unnest(t.l) as u (e) order by e

select t.x, u.e, u.n from (values (1, array['a', 'b'])) as t (x, l) cross join unnest(t.l) with ordinality as u (e, n) order by n

select t.x, u.e from (values (1, array['a']), (2, array[]), (3, null)) as t (x, l) cross join unnest(l) as u (e)

select t.x, u.e from (values (1, array['a']), (2, cast(null as array(varchar)))) as t (x, l) left join unnest(l) as u (e) on true order by 1

select u.a, u.b from (values array[cast(row(1, 'x') as row(p integer, q varchar))]) as t (l) cross join unnest(l) as u (a, b)

select u.a from (values array[cast(row(1, 'x') as row(p integer, q varchar))]) as t (l) cross join unnest(l) as u (a)

select e from unnest(array[1, 2]) as u (e) order by e

select e, f from unnest(array[1, 2], array['a']) as u (e, f) order by e

select k, v from unnest(map(array['a', 'b'], array[1, 2])) as u (k, v) order by k

select * from unnest(array[1, null]) with ordinality as u (e, n) order by n

select x, e from (values (1, array[1, 2])) as t (x, l), unnest(l) as u (e) order by e

select x from (values 1, 2) as t (x), lateral (select x + 1 as y) as u where y = 3

select t.x, u.y from (values 1, 2) as t (x) cross join lateral (select t.x * 2 as y) as u order by 1

select x from (values 1, 2) as t (x) where x = '1'

select x from (values date '2025-01-01') as t (x) where x = '2025-01-01'

select x from (values date '2025-01-01') as t (x) where x >= date '2025-01-01'

select x from (values '2025-01-01') as t (x) where x = date '2025-01-01'

select x from (values 1) as t (x) where x

select x from (values 1) as t (x) where null

select x from (values (1, 2)) as t (x)

select * from (values (1, 2), (3)) as t (x, y)

select * from (values 1, 'a') as t (x)

select * from (values 1, null, decimal '2.5') as t (x) order by 1

select x as "select" from (values 1) as t (x)

select x as "Mixed Case" from (values 1) as t (x)

select 1, 2, 1

select 1 as a, 2 as a

select a from (select 1 as a, 2 as a)

select *, 1 as extra from (values 1) as t (x)

select t.*, u.* from (values 1) as t (x) cross join (values 2) as u (y)

select x.y from (select cast(row(1) as row(y integer)) as x)

select count(*) from (values 1, 2) as t (x) group by ()

select x, y, count(*) from (values (1, 2), (1, 3)) as t (x, y) group by grouping sets ((x), (x, y)) order by 1, 2

select x, count(*) from (values 1, 2) as t (x) group by rollup (x) order by x

select x, count(*) from (values 1, 2) as t (x) group by cube (x) order by x

select x, y, count(*) from (values (1, 2)) as t (x, y) group by all

select distinct x from (values 1, 2) as t (x) order by x + 1

select distinct x from (values (1, 2)) as t (x, y) order by y

select x from (values 1, 2) as t (x) order by 2

select x from (values 1, 2) as t (x) limit 0

select x from (values 1) as t (x) tablesample bernoulli (100)

select x from (values 1) as t (x) for update

select 1 as x -- comment
/* another */ where true

select 1 where 1 = 2

select 'a' as x where null

select a.x from (values 1) as a (x) natural join (values 1) as b (x)

select x from (values 1, 2) as t (x) where x in (select x + 1 from (values 1) as u (x))

select (select max(y) from (values 1, 2) as u (y) where y <= t.x) as m from (values 1, 2) as t (x) order by 1

select x, (select count(*) from (values 1, 2) as u (y) where u.y = t.x) as n from (values 1, 3) as t (x) order by 1

select x from (values 1) as t (x) where exists (select nosuch from (values 1) as u (y))

select case when count(*) > 0 then 'y' else 'n' end as r from (values 1) as t (x)

select coalesce(sum(x), 0) as s from (values 1) as t (x) where false

select sum(1) as s, count(*) as n from (select 1 as x where false) as t

select x, max(y) over (partition by x) as m from (values (1, 'a'), (1, 'b')) as t (x, y) order by x, y

select t.id from (values (1, array['a'])) as t (id, l) where any_match(t.l, e -> e = 'a' and t.id = 1)

select transform(l, e -> e || cast(id as varchar)) from (values (1, array['a', 'b'])) as t (id, l)

select transform(l, e -> transform(e, f -> f + 1)) from (values array[array[1], array[2, 3]]) as t (l)

select transform(l, id -> id + 1) from (values (1, array[5])) as t (id, l)

select x, x from (values 1) as t (x)

select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (select 1 as x where false) as dbt_internal_test

select a.column_name from (select 'x' as column_name) as a where lower(a.column_name) = lower('X')

select x is null as n, count(*) as c from (values 1, null) as t (x) group by x is null order by 1

select x, y from (values (1, 'a'), (2, 'b')) as t (x, y) where (x, y) in (select 1, 'a')

select cast(null as varchar) as x, cast(null as date) as d

select try(json_parse(l)) is null as bad, json_extract_scalar(try(json_parse(l)), '$.a') as a from (values '{"a":1}', '{') as t (l) order by l

select l from (values '1', 'x') as t (l) where try_cast(l as integer) is not null

select cast(l as integer) from (values '1', 'x') as t (l)

select 1 / x from (values 1, 0) as t (x)

select case when x = 0 then null else 1 / x end as y from (values 1, 0) as t (x) order by x

select if(x = 0, 0, 10 / x) as y from (values 5, 0) as t (x) order by x

select coalesce(x, 1 / 0) from (values 1) as t (x)

select x from (values 1, 2) as t (x) where x <> 0 and 10 / x > 4 order by x

select l[2] from (values array[1, 2], array[1]) as t (l)

select element_at(l, 2) from (values array[1, 2], array[1]) as t (l) order by 1

select to_hex(sha256(to_utf8(l))) as h, row_number() over (partition by l) as occurrence from (values 'a', 'a') as t (l) order by 2

select concat(a, '-', b) from (values ('x', 'y')) as t (a, b)

select length(l), l from (values '  a', 'b  ', '') as t (l) order by l

select "$path" from (values 1) as t (x)

select current_date > date '2020-01-01' as later

select x from (values timestamp '2025-01-01 00:00:00.123456', timestamp '2025-01-01 00:00:00') as t (x) order by x

select x from (values timestamp '2025-01-01 00:00:00 UTC', timestamp '2025-01-01 00:00:00 America/New_York') as t (x) order by x

select x from (values decimal '1.5', 10, decimal '2.25') as t (x) order by x

select x from (values 1e0, 1.5e10, null) as t (x) order by x

select * from nosuchtable

select * from nosuchschema.nosuchtable

selec 1

select 1 from

select (1

select * from (values 1) as t (x) where x ==1

select 'unterminated

select 1;

select 1; select 2

select ranked.*, case when ranked.codes <> '' then ranked.codes when ranked.place > 1 then 'duplicate' end as reason from (select judged.*, row_number() over (partition by judged.d, judged.id, judged.codes = '' order by judged.f desc, judged.l desc) as place from (select t.*, concat_ws(';', case when id is null then 'no_id' end) as codes from (values (date '2025-01-01', 'a', 'f1', 'l1'), (date '2025-01-01', 'a', 'f2', 'l2'), (date '2025-01-01', null, 'f2', 'l3')) as t (d, id, f, l)) as judged) as ranked order by f, l

select d, s, count(*) as n, count_if(ok) as k, 'x' as r from (values (date '2025-01-01', 'TX', true), (date '2025-01-01', 'TX', null), (date '2025-01-01', 'CA', false)) as t (d, s, ok) group by d, s order by s

with a as (select * from (values (1, 'x')) as t (k, v)), b as (select * from (values (1, 'y'), (2, 'z')) as t (k, v)) select k, v from a union all select old.k, new.v from b as old left join a as new on old.k = new.k where new.k is null and old.k in (1, 2) order by k

select coalesce(max(cast(s as timestamp)), timestamp '1970-01-01 00:00:00') as newest from (values '2025-01-01') as t (s)

select distinct d from (values date '2025-01-02', date '2025-01-01', date '2025-01-02') as t (d) order by d

select max(d) as newest from (values date '2025-01-02', null) as t (d)

select * from (select * from (values (1, 'a')) as t (id, v) where true) as dates_of_this_run

select a.l, count(*) over (partition by a.l) as n from (values 'x', 'x', 'y') as a (l) order by 1

select f.id, s.state is null as bad from (values (1, 'TX'), (2, 'ZZ'), (3, null)) as f (id, st) left join (select state from (values 'TX') as u (state)) as s on f.st = s.state order by f.id

select t.id, e.k from (values (1, array['b', 'a'])) as t (id, ks) cross join unnest(t.ks) as e (k) where e.k not in ('a') order by 1

select n.x, sum(n.x) as s from (select 1 as x union all select 2) as n group by n.x having count(*) = 1 order by n.x desc limit 1

select case when decimal '1.0' * count(*) / 3 > decimal '0.25' then 'warn' end as w from (values 1) as t (x)

select cast(count(*) as double) / 2 as r, decimal '1.0' * count(*) / 3 as d, round(1e0 * count(*) / 3, 3) as q from (values 1) as t (x)

select cardinality(m), map_keys(m), map_values(m), element_at(m, 'a'), element_at(m, 'z') from (select cast(json_parse('{"a":1,"b":null}') as map(varchar, integer)) as m)

select k, v from (select cast(json_parse('{"b":2,"a":1}') as map(varchar, integer)) as m) cross join unnest(m) as u (k, v) order by k

select element_at(cast(json_parse('{"1":"x"}') as map(bigint, varchar)), 1), cast(cast(json_parse('{"1":"x"}') as map(bigint, varchar)) as json)

select x, y, z from (values (1, 'a'), (2, 'b')) as t (x, y) left join (values (2, 'c'), (3, 'd')) as u (x, z) using (x) order by x

select x, y, z from (values (1, 'a'), (2, 'b')) as t (x, y) right join (values (2, 'c'), (3, 'd')) as u (x, z) using (x) order by x

select x, y, z from (values (1, 'a'), (2, 'b')) as t (x, y) full join (values (2, 'c'), (3, 'd')) as u (x, z) using (x) order by x

select x from (values 1, 1, 2, null) as t (x) intersect all select x from (values 1, 1, 1, null) as u (x) order by x

select x from (values 1, 1, 2, null) as t (x) except all select x from (values 1, null) as u (x) order by x

select x from (values 1, null, null) as t (x) union select x from (values null, 1) as u (x) order by x

select x, sum(x) over (order by x rows between unbounded preceding and 1 following) as a, sum(x) over (order by x rows unbounded preceding) as b, sum(x) over (order by x rows between current row and unbounded following) as c, sum(x) over (order by x range between unbounded preceding and current row) as d, sum(x) over (order by x range between current row and unbounded following) as e, count(*) over (order by x rows between unbounded preceding and unbounded following) as f, count(*) over (order by x rows between 2 preceding and 1 preceding) as g from (values 1, 2, 2, null) as t (x) order by x

select x, first_value(x) over (order by x rows between unbounded preceding and unbounded following) as f, last_value(x) over (order by x rows between unbounded preceding and unbounded following) as l, count(*) over (order by x range between unbounded preceding and unbounded following) as c from (values 'b', 'a', null) as t (x) order by x

select x, count(x) over (order by x), count_if(x > 1) over (order by x), avg(x) over (order by x), min(x) over (order by x), bool_or(x > 1) over (order by x), bool_and(x > 1) over (order by x), every(x > 1) over (order by x), array_agg(x) over (order by x), max_by(x, x) over (order by x), min_by(x, x) over (order by x), arbitrary(x) over (partition by x) from (values 1, 2, 3) as t (x) order by x

select x, count(*) filter (where x > 1) over (order by x) from (values 1, 2, 3) as t (x) order by x

select count_if(x), bool_or(x), bool_and(x), every(x) from (values true, false, null) as t (x)

select count(distinct x), sum(distinct x), min(distinct x), max(distinct x) from (values bigint '1', bigint '1', null) as t (x)

select array_agg(x order by y desc nulls first, x) from (values ('a', 1), ('b', null), ('c', 2)) as t (x, y)

select l from (values array['b', 'a'], array[], null) as t (l) where cardinality(l) > 0 and l[1] is not null

select transform(l, x -> cast(x as row(a varchar, b integer)).b) from (values array[row('x', 1), row('y', 2)]) as t (l)

select a, b, n from (values array[row('x', 1), null, row('y', null)]) as t (l) cross join unnest(l) with ordinality as u (a, b, n) order by n

select a, b from (select cast(json_parse('[{"a":"x","b":1,"c":null},{"b":"2"},null,{}]') as array(row(a varchar, b bigint))) as l) cross join unnest(l) as u (a, b) order by 1, 2

select (select count(*) from unnest(l) as u (x) where x > n) from (values (1, array[1, 2, 3])) as t (n, l)

select x, (select max(y) from (values 1, 2) as u (y) where y < x) from (values 1, 2, 3) as t (x) where exists (select 1 from (values 2, 3) as v (z) where z = x) order by x

select case x when 'a' then 1 when 'b' then 2 else 0 end, if(x = 'a', 'y') from (values 'a', 'b', null) as t (x) order by 1

select r.a, r.b.c from (values cast(row(1, row('x')) as row(a integer, b row(c varchar)))) as t (r)

select x from (values 1, 2, 3, 4) as t (x) order by x offset 1 limit 2

select y, x from (select 1 as x, 2 as y) as t group by 2, 1 order by 2, 1

select coalesce(d, timestamp '2025-01-01 00:00:00.5'), t from (values (date '2025-01-02', timestamp '2025-01-03 01:02:03'), (null, null)) as t (d, t) order by 1

select r.a, r.b.c from (select cast(row(1, row('x')) as row(a integer, b row(c varchar))) as r)

select x from (values json '1') as t (x) order by x

select date_parse(x, '%Y-%m-%d %H:%i:%s.%f') from (values '2025-01-05 10:20:30.123', null) as t (x)

select array_join(x, ','), array_join(x, cast(null as varchar)), array_join(x, ',', cast(null as varchar)) from (values array['a', null]) as t (x)

select 1.1e0 = cast(1.1e0 as real), cast(cast(1.1e0 as real) as double), cast(0.1e0 as real), cast(16777217 as real), cast(1e10 as real), cast(1e-5 as real)

select x, lead(x) over (order by x) as a, lag(x, 2) over (order by x) as b, first_value(x) over (order by x) as c from (values 'a', 'b', null) as t (x) order by x

select try_cast(j as integer), try_cast(j as bigint), try_cast(j as double), try_cast(j as boolean), try_cast(j as varchar), try_cast(j as decimal(10, 2)) from (select json_parse(l) as j from (values '1', '2.5', '"x"', 'true', 'null', '{}') as t (l))

select try_cast(j as map(varchar, varchar)), try_cast(j as map(varchar, json)), try_cast(j as row(a varchar, b integer)), try_cast(j as array(varchar)) from (select json_parse(l) as j from (values '{"a":"x","b":1}', '["x"]', '1') as t (l))

select cast(j as tinyint), cast(j as smallint), cast(j as real) from (select json_parse(l) as j from (values '1', '-2.0', 'null') as t (l))

select cast(x as timestamp(6)), cast(x as timestamp(3)), cast(x as timestamp(0)) from (values timestamp '2025-11-15 10:20:30.123456 UTC', timestamp '1969-12-31 23:59:59.999999 UTC') as t (x)

select cast(x as timestamp(6)), cast(x as timestamp(0)) from (values timestamp '2025-11-15 10:20:30.600 UTC', timestamp '1969-12-31 23:59:59.499 UTC') as t (x)

select cast(x as timestamp(6)), cast(x as timestamp(3)) from (values timestamp '2025-11-15 10:20:30 UTC') as t (x)

select cardinality(m), map_values(m), map_keys(m) from (select cast(json_parse('{"b":2,"a":1}') as map(varchar, integer)) as m)

select cardinality(m) from (select cast(json_parse('{}') as map(varchar, integer)) as m union all select null) order by 1

select x, count(*) over (order by x range between unbounded preceding and unbounded following) as n from (values 1, 2, null) as t (x) order by x

select r, n from (values (cast(row(1, 'a') as row(x integer, y varchar)), 1), (row(2, null), 2)) as t (r, n) order by n

select coalesce(l, array[]) from (values (1, array['a']), (2, null)) as t (n, l) order by n

select k, v, sum(v) over (order by v rows between unbounded preceding and current row), sum(v) over (order by v rows between 1 preceding and 1 following), count(*) over (order by v rows between current row and unbounded following), sum(v) over (order by v rows between unbounded preceding and unbounded following) from (values ('a', 1), ('b', 2), ('a', 3)) as t (k, v) order by v

select v, sum(v) over (order by v rows unbounded preceding), max(v) over (order by v rows 1 preceding), min(v) over (order by v rows between 2 preceding and 1 preceding) from (values 1, 2, 3, 4) as t (v) order by v

select v, sum(v) over (order by v range between unbounded preceding and current row), count(*) over (order by v range unbounded preceding), sum(v) over (order by v range between current row and unbounded following) from (values 1, 2, 2, 4) as t (v) order by v

select a, b, sum(v) from (values ('x', 1, 10), ('x', 2, 20), ('y', 1, 40), (null, 1, 80)) as t (a, b, v) group by rollup (a, b) order by a, b, 3

select a, b, sum(v) from (values ('x', 1, 10), ('x', 2, 20), ('y', 1, 40)) as t (a, b, v) group by cube (a, b) order by a, b, 3

select a, b, sum(v), grouping(a, b), grouping(b) from (values ('x', 1, 10), ('x', 2, 20), ('y', 1, 40)) as t (a, b, v) group by grouping sets ((a, b), (a), b, ()) order by 4, a, b

select a, sum(v) from (values ('x', 1, 10), ('y', 1, 40)) as t (a, b, v) group by a, rollup (b) order by a, 2

select count(*), sum(v) from (values ('x', 10)) as t (a, v) where false group by grouping sets ((a), ())

select a from (values ('x', 10)) as t (a, v) where false group by rollup (a)

select a as n, count(*) from (values 'x', 'y') as t (a) group by rollup (1) order by 1

select a, grouping(b) from (values ('x', 10)) as t (a, b) group by a

select a + 1, count(*) from (values 1, 2) as t (a) group by cube (a + 1) having count(*) > 1 order by 1

select (a and b), count(*) from (values (true, false), (true, true)) as t (a, b) group by (a and b) order by 1

select v, percent_rank() over (order by v), cume_dist() over (order by v), ntile(2) over (order by v), nth_value(v, 2) over (order by v rows between unbounded preceding and unbounded following) from (values 1, 2, 2, 4) as t (v) order by v

select percent_rank() over (order by v), cume_dist() over (partition by v order by v) from (values 1) as t (v)

select k, listagg(v, ',') within group (order by v) from (values ('a', 'x'), ('a', null), ('b', 'z'), ('a', 'w')) as t (k, v) group by k order by k

select listagg(v) within group (order by v desc) from (values 'x', 'y') as t (v)

select listagg(v, '-') within group (order by n desc) from (values ('x', 1), ('y', 2)) as t (v, n)

select approx_distinct(i), approx_distinct(b), approx_distinct(s), approx_distinct(d), approx_distinct(x) from (values (1, bigint '2', 'a', date '2024-01-01', 1e0), (2, bigint '2', 'b', null, 2e0), (2, null, 'b', date '2024-01-01', 3e0)) as t (i, b, s, d, x)

select min(a), max(a) from (values 1, 2) as t (a) having count(*) = 1

select id, count(*) over () from (select id from (values 1, 2, 3) as t (id) where id > 1) where id < 3

select cast(row(1) as row(abc integer)).abc

select 1 as a, from (values 1) as t (b)

select 1 limit 1, 2

select 1 as from

select a as "from" from (values 1) as t (a)

select * from (values 1) as select

select a = b = true from (values (1, 1)) as t (a, b)

select (a = b) = true from (values (1, 1)) as t (a, b)

select `a` from (values 1) as t (a)

select a from (values 1) as t (a) where a in (1,)

select array[1,]

select a, b, count(*) from (values (1, 2)) as t (a, b) group by rollup (a), rollup (b) order by 1, 2, 3

select a, b, c, sum(c) from (values (1, 2, 3), (1, 5, 6)) as t (a, b, c) group by cube ((a, b), c) order by 1, 2, 3, 4

select x between 5e-1 and 1.5e0, x in (1.5e0, 2e0), x not in (3e0), x not between 1e0 and 2e0 from (values 1e0, 1.5e0, nan(), null) as t (x) order by x

select max(x), min(x) from (values 1e0, 2.5e0, null) as t (x)

select max(x), min(x) from (values 1e0, nan(), 2e0) as t (x)

select max(x) over (order by n rows between 1 preceding and current row) from (values (1, 1e0), (2, 2.5e0), (3, 5e-1)) as t (n, x) order by n

select greatest(1e0, 2.5e0), least(1e0, 2)

select max(x), min(x) from (values nan(), nan()) as t (x)

select max(x) filter (where x < 2e0), max(distinct x) from (values 1e0, 2.5e0) as t (x)

select distinct x from (values 1e0, 2.5e0, 1e0) as t (x) order by x

select x, count(*) from (values 1e0, 2.5e0, 1e0) as t (x) group by x order by x

select approx_percentile(n, 0.5e0) from unnest(sequence(1, 10)) as t (n)

select approx_percentile(n, 0.5e0) from unnest(sequence(1, 11)) as t (n)

select approx_percentile(n, 0e0), approx_percentile(n, 1e0), approx_percentile(n, 0.25e0), approx_percentile(n, 0.99e0) from unnest(sequence(1, 40)) as t (n)

select approx_percentile(cast(n as double) / 2, 0.75e0) from unnest(sequence(1, 37)) as t (n)

select approx_percentile(x, array[0.1e0, 0.5e0, 0.9e0]) from (values 3, 1, null, 2, 2, 5, 7, 8, 9, 1) as t (x)

select approx_percentile(x, array[0.1e0, 0.5e0, 0.9e0]) from (values 3e0, 1.5e0, null, 2e0, -1e0) as t (x)

select g, approx_percentile(x, 0.5e0) from (values (1, 3), (1, 4), (2, 9)) as t (g, x) group by g order by g

select approx_percentile(x, 0.5e0) from (values cast(null as bigint)) as t (x)

select approx_percentile(x, 0.5e0) filter (where x > 2) from (values 1, 2, 3, 4, 5) as t (x)

select approx_percentile(x, 1.5e0) from (values 1, 2) as t (x)

select approx_percentile(x, 0.5e0) from (values real '1.5', real '2.5') as t (x)

select approx_percentile(x, 0.5e0) from (values decimal '1.5', decimal '2.5') as t (x)

select map_agg(k, v) from (values ('a', 1), ('b', 2), (null, 3)) as t (k, v)

select map_agg(k, v) from (values (1, 'x'), (2, null)) as t (k, v)

select map_agg(k, v) from (values (bigint '1', array[1]), (2, array[2])) as t (k, v)

select map_agg(k, v) from (values (date '2020-01-01', 1)) as t (k, v)

select map_agg(k, v) from (values (true, 1), (false, 2)) as t (k, v)

select map_agg(k, v) from (values ('a', 1)) as t (k, v) where v > 1

select g, map_agg(k, v) from (values (1, 'a', 1), (1, 'b', 2), (2, 'a', 3)) as t (g, k, v) group by g order by g

select map_agg(k, v) filter (where v > 1) from (values ('a', 1), ('b', 2)) as t (k, v)

select map_agg(cast(null as varchar), v) from (values 1, 2) as t (v)

select histogram(x) from (values 'a', 'b', 'a', null) as t (x)

select histogram(x) from (values 1, 2, 2) as t (x)

select histogram(x) from (values bigint '1', 2, 2) as t (x)

select histogram(x) from (values date '2020-01-01') as t (x)

select histogram(x) from (values true, false, true) as t (x)

select histogram(x) from (values cast(null as integer)) as t (x)

select min(t), max(t), count(distinct t) from (values time '01:00:00', time '02:00:00', null) as x (t)

select t, count(*) from (values time '01:00:00.5', time '02:00:00', time '02:00:00.000') as x (t) group by t order by t

select max_by(k, t) from (values (1, time '01:00:00'), (2, time '02:00:00')) as x (k, t)

select * from table(sequence(start => 0, stop => 5))

select * from table(sequence(1, 7, 3)) as t (n)

select sum(sequential_number), count(*) from table(sequence(stop => 100))

select sequential_number from table(sequence(start => 5, stop => 1, step => -2)) where sequential_number > 1

select * from table(sequence(start => 1, stop => 0))

select * from table(sequence(start => 1, stop => 5, step => 0))

select not_a_column from table(sequence(start => 0, stop => 1))

this is not sql

foo bar

1 + 1

select x from (select distinct x from (values array[2, 1, 5], array[1, 2], array[1, 2], array[null, 1, 1, 1], array[null, 1, 1, 1], null, null) as t (x)) order by cardinality(x)

select x from (select distinct x from (values array[bigint '2'], array[bigint '1', bigint '3'], array[bigint '1', bigint '3']) as t (x)) order by cardinality(x)

select x from (select distinct x from (values array['a', 'B', 'c'], array['a', 'b'], array['a', 'b'], array[''], array['']) as t (x)) order by cardinality(x)

select x from (select distinct x from (values array[true, false], array[true, false], array[false]) as t (x)) order by cardinality(x)

select x from (select distinct x from (values array[date '2025-01-01'], array[date '2025-01-01'], array[date '2025-01-02', date '2025-01-02']) as t (x)) order by cardinality(x)

(values array[1, 2], array[3]) except (values array[3], array[4])

select x from ((values array[1, 2], array[1, 2]) union (values array[3], array[1, 2])) as u (x) order by cardinality(x)

(values array[1, 2], array[3]) intersect (values array[3], array[4])

select a.x, b.y, c.z from (values 1, 2) as a (x) left join ((values 1, 2, 3) as b (y) join (values 1, 3) as c (z) on b.y = c.z) on a.x = b.y order by a.x

select a.x, b.y, c.z from (values 1, 2) as a (x) join (values 1, 2, 3) as b (y) left join (values 1, 3) as c (z) on b.y = c.z on a.x = b.y order by a.x

select * from ((values (1, 'a'), (2, 'b')) as a (x, s) join (values 2) as b (y) on x = y)

with t as (select 1 as x, 2 as y) select t.x, y from (t)

with t as (select 1 as x, 2 as y) select u.x, u.y from (t) as u

with t as (select 1 as x, 2 as y) select t.x from (t) as u

with t as (select 1 as x), s as (select 1 as y) select u.x, u.y from (t join s on t.x = s.y) as u

with t as (select 1 as x), s as (select 1 as y) select * from (t cross join s) join (select 1 as z) as r on r.z = t.x

with t as (select 1 as x) select * from ((t))

select a, b from (values (1,2)) t(a)

select x.a from (values 1) t(a)

select a from (values 1) t(a), (values 2) u(a)

select length(1)

select length('a', 'b')

select 1 where 1

select 1 where null

select sum('a')

select sum(a), b from (values (1,2)) t(a,b)

select a from (values 1) t(a) group by 2

select a from (values 1) t(a) group by 0

select a from (values 1) t(a) order by 2

select a from (values 1) t(a) having a > 1

select count(*) from (values 1) t(a) having count(*) > 5

select sum(sum(a)) from (values 1) t(a)

select a from (values 1) t(a) where sum(a) > 1

select rank() from (values 1) t(a)

select row_number() over (order by a), a from (values 2,1) t(a) order by 1

select a from (values 1) t(a) where row_number() over () = 1

select sum(a) over (order by a rows between 1 following and 1 preceding) from (values 1,2,3) t(a)

select lag(a, -1) over (order by a) from (values 1,2,3) t(a)

select 1 union select 'a'

select 1, 2 union select 1

select 1 intersect select 1

values (1, 'a'), (2)

values (1, 'a'), ('b', 2)

select * from (select 1)

select * from (select 1, 2) t(a)

select * from (select 1) t(a, b)

select (select 1)

select (select a from (values 1,2) t(a))

select (select a from (values 1) t(a) where false)

select 1 in (select a from (values 1,2) t(a))

select 1 in ()

select exists (select 1 where false)

select a from (values 1,2,3) t(a) limit 0

select a from (values 1,2,3) t(a) limit -1

select a from (values 1,2,3) t(a) order by a offset 1

select a from (values 1,2,3) t(a) order by a offset 1 limit 1

select a from (values 1,2,3) t(a) order by a limit 1 offset 1

select a from (values 1,2,3) t(a) order by a fetch first 2 rows only

select a from (values 1,2,3) t(a) order by a desc nulls last

select distinct a from (values 1,1) t(a) order by a + 1

select distinct a, b from (values (1,2)) t(a,b) order by b

select a as b from (values 1) t(a) order by a

select a + 1 from (values 1) t(a) group by a + 1

select a + 2 from (values 1) t(a) group by a + 1

select t.* from (values 1) t(a)

select u.* from (values 1) t(a)

select a.a.a from (values 1) a(a)

select "A" from (values 1) t(a)

select A from (values 1) t("a")

select 1 "a b", 2 as "c""d"

select 1 as select

select 1 as "select"

select a from (select 1 a, 2 a) t

with x as (select 1) select * from x

with x(a, b) as (select 1) select * from x

with x as (select 1 a) select * from x, x y where x.a = y.a

select * from (values 1) t(a) join (values 1) u(b) on a = b

select * from (values 1) t(a) join (values 1) u(a) using (a)

select * from (values 1) t(a) join (values 1) u(a) on a = a

select t.a from (values 1) t(a) join (values 1) u(a) using (a)

select * from (values 1) t(a) cross join (values 2) u(b)

select * from (values 1) t(a) left join (values 2) u(b) on a = b

select * from (values 1) t(a) full outer join (values 2) u(b) on a = b order by 1

select * from (values 1) t(a) join lateral (select a + 1 b) u on true

select * from (values 1) t(a), lateral (select a + 1 b) u

select * from unnest(map(array['a'], array[1])) t(k, v)

select * from unnest(array[1,2]) t(x, y)

select * from unnest(1)

select a, count(*) from (values 1,2,1) t(a) group by rollup(a) order by 1

select a, b, grouping(a, b) from (values (1,2)) t(a,b) group by cube(a, b) order by 1, 2, 3

select a, b from (values (1,2)) t(a,b) group by grouping sets ((a), (b), ()) order by 1, 2

select count(distinct a) filter (where a > 1) from (values 1,2,3) t(a)

select max_by(a, b) from (values (1,2),(3,1)) t(a,b)

select array_agg(a order by b desc) from (values (1,2),(3,1)) t(a,b)

select array_agg(a) filter (where a is not null) from (values 1,null) t(a)

select map_agg(a, b) from (values (1,2),(3,1)) t(a,b)

select listagg(a, ',') within group (order by a) from (values 'b','a') t(a)

select listagg(a) within group (order by a desc) from (values 'b','a') t(a)

select approx_percentile(a, 0.5e0) from (values 1,2,3) t(a)

select bool_and(a > 0), every(a > 1) from (values 1,2) t(a)

select count_if(a > 1) from (values 1,2) t(a)

select cast(a as varchar) from (values 1) t(a) where a like '1'

select 'a' = 1

select date '2024-01-01' = '2024-01-01'

select date '2024-01-01' < timestamp '2024-01-01 00:00:01'

select date '2024-01-01' + 1

select array[1, 'a']

select array[1, null, 2e0]

select map()

select row(1).field0

select cast(row(1, 2) as row(a integer, b integer)).b

select json '{"a":1}'

select json '{"a":'

select decimal '1.234567890123456789012345678901234567890'

select cast(1 as decimal(39,0))

select cast(1 as decimal(2,3))

select cast(12345 as decimal(4,0))

select cast('a' as varchar(0))

select cast('abc' as varchar(2))

select cast(1 as foo)

select cast(1 as array(integer))

select try_cast('x' as integer)

select try_cast(1 as foo)

select if(1, 2, 3)

select coalesce(1, 'a')

select 1 between 'a' and 2

select 1 in ('a')

select not 1

select 1 and true

select - 'a'

select + 1

select 1 - - 1

select 1 -- 1

select 1 /* c

select 'abc

select "abc

select from t

select * from nosuchschema.t

select * from nosuchcatalog.a.b

selct 1

select 1 1

select 1,

select count(* ) from (values 1) t(a)

select transform(array[1], x -> nosuch)

select transform(array[1], (x, y) -> x)

select true is not true

select 1 != 2, 1 <> 2

select 5 % 0

select 5 / 2, 5 / 2e0, -5 / 2

select 1.0.0

select "a" from (values 1) t("A")

select now() = current_timestamp

select time '10:00' + interval '1' hour

select t from (values 1) t(a)

select top 1 a from (values 1) t(a)

select * from (values 1) t(a) left semi join (values 1) u(a) on true

select date_trunc('foo', date '2024-01-01')

select date_add('foo', 1, date '2024-01-01')

select date_diff('foo', date '2024-01-01', date '2024-01-01')

select extract(hour from date '2024-01-01')

select date_format(date '2024-01-01', '%Y')

select date_parse('x', '%Y')

select json_extract('{}', 'a')

select json_extract('{}', '$[')

select from_hex('zz')

select sequence(1, 10001)

select sequence(1, 5, 0)

select repeat('a', -1)

select chr(-1)

select cast(json '1' as foo)

select grouping(b) from (values (1,2)) t(a,b) group by a

select a, sum(b) over (partition by c) from (values (1,2)) t(a,b)

select percent_rank() over (order by a), cume_dist() over (order by a) from (values 1,2,2) t(a) order by 1

select sum(row_number() over ()) from (values 1) t(a)

select sum(count(*)) over () from (values 1) t(a)

select sum(sum(a) over ()) from (values 1) t(a)

select rank() over (order by sum(a) over ()) from (values 1) t(a)

select sum(rank() over (order by a)) over () from (values 1) t(a)

select array_agg(distinct sum(a)) from (values 1) t(a)

select sum(a) from (values 1) t(a) group by sum(a)

select lag(a, b) over (order by a) from (values (1,1),(2,-1)) t(a,b)

select lag(a, b) over (order by a) from (values (1,1),(2,null)) t(a,b)

select lead(a, -1) over (order by a) from (values 1,2) t(a)

select lead(a, -1) over (order by a) from (values 1,2) t(a) where false

select lag(a, 1e0) over (order by a) from (values 1,2) t(a)

select lag(a, 'x') over (order by a) from (values 1,2) t(a)

select hour(date '2024-01-01')

select extract(minute from date '2024-01-01')

select extract(second from date '2024-01-01')

select second(timestamp '2024-01-01 00:00:01.5')

select time '23:30:00.5' + interval '45' minute

select time '10:00' - interval '11' hour

select time '10:00' + interval '1' day

select time '10:00' + interval '1' month

select time '10:00:00.123456' + interval '1' second

select date '2024-01-01' - interval '1' hour

select date '2024-01-01' + interval '1' hour

select timestamp '2024-01-01 00:00:00' + interval '1' year

select timestamp '2024-01-01 00:00:00.123456' - interval '1' month

select timestamp '2024-01-01 00:00:00' + interval -'1' day

select timestamp '2024-01-01 00:00:00' + interval '-1' day

select 1 + interval '1' day

select date '2024-01-01' * 2

select cast(null as decimal(38, 39))

select cast(null as decimal(0))

select cast(null as decimal(5, -1))

select cast(null as varchar(-1))

select decimal '12345678901234567890123456789012345678'

select decimal '123456789012345678901234567890123456789'

select decimal '0.12345678901234567890123456789012345678'

select decimal '000000000000000000000000000000000000000001'

select json 'x'

select json ''

select json '[1,2] x'

select json null

select filter(array[1], (x, y) -> true)

select transform(array[1], 1)

select date '2024-13-01'

select date 'x'

select time '25:00'

select timestamp '2024-01-01 10'

select timestamp '2024-01-01T10:00:00'

select varchar(1) 'xy'

select * from unnest(array[1], 'a')

select * from unnest(null)

select * from unnest(array[row(1, 'a')]) t(x)

select x from (values 1) t(x), unnest(array[x])

select * from (values 1) t(x) left join unnest(array[]) u(y) on true

select * from (values 1) t(x) right join unnest(array[1]) u(y) on true

select a, (select max(b) from (values 1,2) u(b) where b <= a) from (values 1,2) t(a) order by a

select a from (values 1,2) t(a) where exists (select 1 from (values 2) u(b) where b = a)

select a from (values 1,2) t(a) where a not in (select b from (values 2) u(b))

select a from (values 1,2,null) t(a) where a not in (select b from (values 2,null) u(b))

select a from (values 1,2) t(a) where a = (select max(b) from (values 1,2) u(b))

select count(*) from (select distinct a, b from (values (1,1),(1,1),(1,2)) t(a,b))

select count(distinct (a, b)) from (values (1,1),(1,1),(1,2)) t(a,b)

select count(distinct a), count(distinct b) from (values (1,1),(1,1),(1,2)) t(a,b)

select a, count(*) over (partition by a), sum(b) over (partition by a order by b rows unbounded preceding) from (values (1,1),(1,2),(2,3)) t(a,b) order by a, b

select a, row_number() over (partition by a order by b desc) rn from (values (1,1),(1,2),(2,3)) t(a,b) order by 1, 2

select * from (select a, row_number() over (order by a) rn from (values 3,1,2) t(a)) where rn <= 2 order by a

select sum(a) over (order by a range between unbounded preceding and current row) from (values 1,1,2) t(a) order by 1

select avg(a) over (order by a rows between 1 preceding and 1 following) from (values 1,2,3) t(a) order by 1

select sum(a) filter (where a > 1) from (values 1,2,3) t(a)

select sum(cast(a as decimal(10,2))) from (values 1,2) t(a)

select sum(a) from (values cast(1.1e0 as real), cast(2.2e0 as real)) t(a)

select sum(a) from (values bigint '9223372036854775807', bigint '1') t(a)

select sum(a) from (values 2147483647, 1) t(a)

select min(a), max(a) from (values 'b', 'a', null) t(a)

select count(a), count(*), sum(a), avg(a), min(a) from (values cast(null as integer)) t(a)

select count(*), sum(a) from (values 1) t(a) where false

select a from (values 1) t(a) group by a having sum(a) > 5

select a % 2 as k, count(*) from (values 1,2,3) t(a) group by 1 order by 1

select a % 2 as k, count(*) from (values 1,2,3) t(a) group by a % 2 order by k desc

select case when a > 1 then 'big' else 'small' end s, count(*) from (values 1,2,3) t(a) group by 1 order by 2

select coalesce(a, 0) + 1 from (values null, 1) t(a) order by 1

select * from (values (1, 'x'), (2, 'y')) t(a, b) where b like '%y%'

select * from (values 'a_b', 'acb') t(a) where a like 'a\_b' escape '\'

select a from (values 'a', 'B', 'c') t(a) order by a

select a from (values 'a', 'B', 'c') t(a) order by lower(a) desc

select a from (values 1, null, 2) t(a) order by a desc

select a from (values 1, null, 2) t(a) order by a nulls first

select a from (values nan(), 1e0, infinity()) t(a) order by a

select a from (values true, false) t(a) order by a

select a from (values map(array[1], array[2])) t(a) order by a

select a from (values json '1') t(a) order by a

select distinct a from (values json '1', json '1') t(a)

select a from (values json '1') t(a) group by a

select a, b from (values (1, 2)) t(a, b) union all select b, a from (values (1, 2)) t(a, b) order by a

select a from (values 1) t(a) union select a from (values 2) t(a) order by t.a

select a from (values 1) t(a) union all (select a from (values 2) t(a) order by a limit 1) order by 1

(select 1 a) union all (select 2) order by a desc limit 1

select 1 a union all select 2 limit 1 offset 1

select * from (select 1 a union select 1e0) order by 1

select typeof(coalesce('a', 'bcd')), typeof(concat('a', 'b')), typeof('a' || 'b'), typeof(substr('abc', 1)), typeof(lower('A'))

select typeof(sum(1)), typeof(avg(1)), typeof(count(1)), typeof(max(1)), typeof(sum(1e0)), typeof(sum(decimal '1.1'))

select typeof(date_add('day', 1, date '2024-01-01')), typeof(date_trunc('day', timestamp '2024-01-01 00:00:00.123456')), typeof(now()), typeof(localtimestamp)

select typeof(json_extract('1', '$')), typeof(json_extract_scalar('1', '$')), typeof(split('a', ',')), typeof(cast(1 as json))

select typeof(row(1, 'a')), typeof(map(array['a'], array[1])), typeof(array[]), typeof(array[null])

select typeof(1 / 2), typeof(1 / 2e0), typeof(tinyint '1' + tinyint '1'), typeof(bigint '1' + 1), typeof(decimal '1.5' + 1), typeof(decimal '1.5' + 1e0)

select typeof(decimal '1.50' * 2), typeof(decimal '1.50' / 3), typeof(decimal '10.5' % 3), typeof(-decimal '1.5')

select typeof(round(decimal '1.55', 1)), round(decimal '1.55', 1), typeof(round(decimal '1.55')), round(decimal '1.55')

select typeof(floor(decimal '1.55')), floor(decimal '-1.55'), ceil(decimal '1.05'), abs(decimal '-1.05')

select typeof(if(true, 1, bigint '2')), typeof(case when true then 'a' else 'abc' end), typeof(nullif(1, 2)), typeof(greatest(1, bigint '2'))

select x'61' || 'a'

select 'a' < 'B', 'a' < 'á', 'a' < 'ab', '' < 'a'

select 'a ' = 'a'

select date '2024-01-01' between '2024-01-01' and '2024-01-02'

select timestamp '2024-01-01 00:00:00' = date '2024-01-01'

select timestamp '2024-01-01 00:00:00.1' = timestamp '2024-01-01 00:00:00.100'

select timestamp '2024-01-01 00:00:00 UTC' = timestamp '2024-01-01 00:00:00'

select date '2024-01-01' in (date '2024-01-01', timestamp '2024-01-01 00:00:00')

select 1 = 1e0, 1 = decimal '1.0', bigint '1' = tinyint '1'

select 0.1e0 + 0.2e0 = 0.3e0, decimal '0.1' + decimal '0.2' = decimal '0.3'

select nan() = nan(), nan() > infinity(), nan() is distinct from nan()

select -0e0 = 0e0, cast(-0e0 as varchar)

select 1e0 / 0, -1e0 / 0, 0e0 / 0

select cast(1e19 as bigint)

select cast(9.5e18 as bigint)

select cast(nan() as bigint)

select cast('1' as tinyint), cast('128' as tinyint)

select try_cast('128' as tinyint), try_cast('2024-02-30' as date), try_cast('x' as boolean)

select cast(300 as tinyint)

select try(cast(300 as tinyint))

select 5 & 3

select 7 div 2

select substring('hello' from 2 for 3), position('l' in 'hello'), trim(leading 'h' from 'hello')

select date_parse('05/01/2024 13:45', '%d/%m/%Y %H:%i')

select date_parse('2024-1-5', '%Y-%m-%d'), date_parse('2024-01-05 00:00:00', '%Y-%m-%d %H:%i:%s')

select date_diff('week', date '2024-01-01', date '2024-01-15'), date_diff('year', date '2023-12-31', date '2024-01-01'), date_diff('hour', timestamp '2024-01-01 00:00:00', timestamp '2024-01-01 01:59:59')

select date_add('week', 1, date '2024-01-01'), date_add('quarter', 1, date '2024-01-31'), date_add('hour', 1, timestamp '2024-01-01 00:00:00'), date_add('hour', 1, date '2024-01-01')

select last_day_of_month(date '2024-02-10'), year(timestamp '2024-01-01 00:00:00'), quarter(date '2024-04-01'), day_of_year(date '2024-12-31')

select date_trunc('month', timestamp '2024-02-10 01:02:03.456'), date_trunc('hour', timestamp '2024-02-10 01:02:03.456'), date_trunc('year', date '2024-02-10')

select a, lag(a, b) over (order by a) from (values (1,1),(2,1),(3,2)) t(a,b) order by a

select a, lead(a, bigint '1') over (order by a), lag(a, 0) over (order by a) from (values 1,2) t(a) order by a

select sum(x) over (order by x) from (values cast(1.1e0 as real), cast(2.2e0 as real)) t(x) order by 1

select date_diff('millisecond', timestamp '2024-01-01 00:00:00.000900', timestamp '2024-01-01 00:00:00.001100')

select date_diff('millisecond', timestamp '1969-12-31 23:59:59.999999', timestamp '1970-01-01 00:00:00.000')

select date_diff('second', timestamp '1969-12-31 23:59:59.999999 UTC', timestamp '1970-01-01 00:00:01.000 UTC')

select date_diff('day', timestamp '1969-12-31 23:59:59.999999', timestamp '1969-12-30 23:59:59.999')

select date_diff('second', c0, c1) from (values (timestamp '2024-01-01 00:00:00.000900', timestamp '2024-01-01 00:00:01.000100')) t(c0, c1)

select max_by(a, b), min_by(a, b) from (values (1, nan()), (2, 1e0), (3, -infinity())) t(a, b)

select max_by(a, b), min_by(a, b) from (values (1, nan()), (2, cast(null as double))) t(a, b)

select max_by(a, b), min_by(a, b) from (values (1, nan()), (3, -infinity())) t(a, b)

select max_by(a, b), min_by(a, b) from (values (1, nan()), (3, infinity())) t(a, b)

select coalesce(decimal '1.5', decimal '99999999999999999999999999999999999999')

select array_join(x, y) from (values (array['a','b',null], ','), (array[null], '-'), (cast(array[] as array(varchar)), '-'), (array['x','y'], null)) t(x, y) order by 1

select array_join(x, y, z) from (values (array['a','b',null], ',', 'n'), (array[null, null], '-', 'm')) t(x, y, z) order by 1

select approx_percentile(x, 1.5e0) from (values 1, 2) t(x)

select approx_percentile(x, -0.5e0) from (values 1, 2) t(x)

select approx_percentile(x, array[0.5e0, 2e0]) from (values 1, 2) t(x)

select cast(1e300 as real), cast(-1e300 as real), try_cast(1e300 as real), cast(3.4028235e38 as real), cast(3.4028236e38 as real), cast(1e-60 as real)

select cast(x as real) from (values 1e300, 3.40282356e38, nan(), -infinity()) t(x) order by 1

select date '2024-01-01' + interval '24' hour

select date '2024-01-01' - interval '1440' minute

select date '2024-01-01' + interval '0' second

select date '2024-01-01' + interval '25' hour

select bigint '-9223372036854775808' % -1, -2147483648 % -1, mod(bigint '-9223372036854775808', -1), smallint '-32768' % smallint '-1'

select x % y from (values (bigint '-9223372036854775808', bigint '-1'), (5, -1), (5, 3)) t(x, y) order by 1

select bigint '-9223372036854775808' / -1

select round(1, tinyint '1'), round(1.5e0, smallint '0'), round(1.5e0, bigint '0')

select date(2)

select date(true)

select element_at(array[1], bigint '3000000000')

select array[1][bigint '3000000000']

select date_diff('hour', timestamp '2023-12-31 23:59:59.999', timestamp '1969-12-31 23:59:59.999999')

select to_unixtime(timestamp '1969-12-31 23:59:59.999999 UTC'), to_unixtime(timestamp '2024-01-01 00:00:00.123456 UTC')

select substr('.', bigint '9223372036854775807'), substr('abc', bigint '-9223372036854775808'), substr('abc', 2, bigint '9223372036854775807')

select cast(x as timestamp with time zone) from (values '2020-01-01 00:00:00+00:00', '2020-01-01 10:20:30.5 UTC', '2020-01-01', null) as t (x)

select cast(x as timestamp) from (values '2020-01-01 00:00:00+00:00', '2020-01-01 10:20:30.123456', '2020-01-01 10:20:30 Europe/Berlin', '+2020-01-01', null) as t (x)

select cast(x as timestamp(6)), try_cast(x as timestamp(0)) from (values '2020-01-01 10:20:30.1234567', ' 2020-01-01 1:2 ', '2020-01-01 10:20:30.999999999') as t (x)

select try_cast(x as timestamp with time zone) from (values 'x', '2020-02-30 00:00:00', '2020-01-01 00:00:00 nowhere', '2020-01-01 00:00:00Z') as t (x)

select cast(x as time), cast(x as time(6)) from (values '10:20:30', '1:2', '10:20:30.9995', null) as t (x)

select try_cast(x as time(0)) from (values 'x', '25:00', '10:20:30+02:00', '10:20:30') as t (x)

select cast(x as timestamp with time zone) from (values 'x') as t (x)

select cast(x as time) from (values 'x') as t (x)

select x at time zone 'America/New_York', cast(x at time zone 'America/New_York' as date), hour(x at time zone 'America/New_York') from (values timestamp '2024-07-01 03:00:00', timestamp '2024-01-01 03:00:00', null) as t (x)

select date_trunc('day', x at time zone 'America/New_York'), date_trunc('month', x at time zone 'America/New_York'), date_format(x at time zone 'America/New_York', '%Y-%m-%d %H:%i') from (values timestamp '2024-11-03 05:30:00 UTC', timestamp '2024-11-03 06:30:00 UTC', timestamp '2024-03-10 07:30:00 UTC', null) as t (x)

select date_trunc('hour', x at time zone 'America/New_York'), date_trunc('minute', x at time zone 'America/New_York') from (values timestamp '2024-11-03 05:30:10 UTC', timestamp '2024-11-03 06:30:10 UTC') as t (x)

select date_trunc('day', x at time zone 'America/Sao_Paulo') from (values timestamp '2018-11-04 15:00:00 UTC', timestamp '2018-02-18 02:30:00 UTC') as t (x)

select with_timezone(x, 'America/New_York'), cast(with_timezone(x, 'America/New_York') at time zone 'UTC' as timestamp) from (values timestamp '2024-03-10 02:30:00', timestamp '2024-11-03 01:30:00', timestamp '2024-07-01 00:00:00', null) as t (x)

select cast(with_timezone(cast(x as timestamp), 'Europe/Berlin') at time zone 'UTC' as varchar) from (values '2024-07-01 00:00:00', '2024-10-27 02:30:00') as t (x)

select x from (values timestamp '2025-01-01 00:00:00 +02:00', timestamp '2025-01-01 00:00:00 +02:00') as t (x) order by x

select max(x), min(x), count(distinct x), count(x) from (values timestamp '2025-01-01 00:00:00 America/New_York', timestamp '2025-01-02 00:00:00 America/New_York', null) as t (x)

select x, count(*) from (values timestamp '2025-01-01 00:00:00 America/New_York', timestamp '2025-01-01 00:00:00 America/New_York') as t (x) group by x

select distinct x from (values timestamp '2025-01-01 00:00:00 +02:00', timestamp '2025-01-01 00:00:00 +02:00') as t (x)

select date_trunc('day', x), count(*) from (select x at time zone 'America/New_York' as x from (values timestamp '2025-01-01 03:00:00 UTC', timestamp '2025-01-01 12:00:00 UTC') as t (x)) as s group by 1 order by 1

select case when x then timestamp '2025-01-01 00:00:00 +02:00' else timestamp '2025-01-01 00:00:00 UTC' end from (values true, false) as t (x)

select timestamp '2025-01-01 00:00:00 +02:00' union all select timestamp '2025-01-01 00:00:00 UTC'

select x from (values timestamp '2025-01-01 00:00:00 +02:00') as t (x) where x < current_timestamp and x >= timestamp '2024-12-31 22:00:00 UTC'

select a.x from (values timestamp '2025-01-01 00:00:00 +02:00') as a (x) join (values timestamp '2024-12-31 22:00:00 UTC') as b (x) on a.x = b.x

select x, lag(x, 1, 0) over (order by x), lead(x, 1, 9) over (order by x), lead(x, 2, null) over (order by x) from (values 1, 2, 3) as t (x) order by x

select x, lag(x, 1, 'none') over (order by x), lag(x, 1, bigint '5') over (order by x) from (values 'a', 'b') as t (x) order by x

select x, lag(x, 1, 'none') over (order by x) from (values 'a', 'bcdefgh', null) as t (x) order by x

select x, lag(x, 1, date '2020-01-01') over (order by x) from (values date '2025-01-01', date '2025-01-02') as t (x) order by x

select x, y, sum(x) over w, row_number() over (partition by y order by x) from (values (1, 'a'), (2, 'a'), (3, 'b')) as t (x, y) window w as (partition by y order by x) order by x

select x, sum(x) over w, avg(x) over v from (values 1, 2) as t (x) window w as (order by x), v as () order by x

select x, sum(x) over w from (values 1, 2) as t (x) window v as (order by x) order by x

select sum(x) over (w rows between unbounded preceding and current row) from (values 1, 2) as t (x) window w as (order by x)

select rank() over w, dense_rank() over w from (values 3, 1, 2) as t (x) window w as (order by x desc)

select json_array_length(x) from (values '[1, 2]', '[]', '{}', 'x', '[1', null) as t (x)
