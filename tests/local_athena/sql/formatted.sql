select 1

select number_of_rows from db.one_row

select a, b from t

select distinct a from t

select distinct a.*, b from t a

select all a from t

select a as b, "C", x "Y y", 1 as "select" from S.T as "X x"

select "a b", "A", a, Abc, "a""b", _x, a.b."c d".E, "date", date, year, zone, if, row, over from t

select id, name as n, a + b * 2 from db.t x where a > 1 and b in (1, 2) or not c order by 1 limit 3

select 007, 1e30, 1.5e-7, 1E-9, 123456789.123e0, 1e308, 0.1e0, 0e0, 12345678901234567890.5e0, 4.9E-324, 1e16, 123e5, 100e0, 9223372036854775807

select decimal '1.50', Decimal '-1', date '2020-01-01', DATE '2020-01-01', Timestamp '2020-01-01 00:00:00', timestamp '2020-01-01 00:00:00 UTC', time '01:02:03', JSON '1', double '1', double precision '1', Varchar 'x', bigint '7', Boolean 'true'

select interval '1' day, interval '1' MONTH, interval '-1' month, interval - '1' year, interval '1-2' year to month, interval '1 02:03' day to minute

select 'it''s', '', 'é', X'0a ff', true, FALSE, NULL, 'two
lines'

select -x, - 1, -(1), - -x, -(-1), - - 1, +x, + - 1, - + 1, +1, -a.b, -f(x), -(a + b), a - -1, a - -b, -x * 2, 2 * -x, -null, -'a'

select a and b and c or d, a and (b and c), (a and b) and c, (a or b) or c, not a and b, not (a and b), not not a

select a = b, a != b, a <> b, a <= b, (a = b) = c, a is null, a is not null, not a is null, (a is not null) is null, a is distinct from b, a is not distinct from b

select a in (1), a not in (1, 2), a between 1 and 2, a not between 1 and 2, a like 'x%', a not like b, not a like b, a like 'x' escape '\', a not like b escape 'x'

select a + b - c * d / e % f, (a + b) * c, a || b || c, (a || b) || (c || d), a || b + c, (a || b)[1], ((a)), (a).b

select case when a then 1 else 2 end, case x when 1 then 'a' when 2 then 'b' end, case when a and b then c end

select if(a, b), IF(a, b, c), coalesce(a, b), Coalesce(a, b, c), NullIf(a, b), try(a + 1), TRY(a)

select cast(a as VARCHAR), cast(a as Varchar(3)), cast(a as INTEGER), cast(a as int), cast(a as double), cast(a as Date), cast(a as decimal(10,2)), cast(a as decimal(10)), try_cast(a as bigint)

select cast(a as TIMESTAMP), cast(a as timestamp(6)), cast(a as TIMESTAMP(3) WITH TIME ZONE), cast(a as TIMESTAMP WITH TIME ZONE), cast(a as Time), cast(a as time(3)), cast(a as INTERVAL DAY TO SECOND), cast(a as interval year to month)

select cast(a as ARRAY(INT)), cast(a as array<int>), cast(a as MAP<VARCHAR, int>), cast(a as map(varchar, timestamp(3))), cast(a as ROW(X INTEGER, "y z" Date)), cast(a as row(integer, Date)), cast(a as row(a row(b int), c array(row(d varchar(2)))))

select array[], array[1, 2], array[array[1]], array[(1, 2), row(3, (4, 5))], array[f(row(1))], row(1), row(1, 'a'), (1, 2), (a, b) = (1, 2), row(array[row(1)]), map(array[1], array[2]), map()

select a[1], a[b + 1], a[1][2].c, f(x)[1].b, f(x).y, "a"['b'], array[1, 2][1], row(1, 2)[1], cast(row(1) as row(x int)).x

select transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s), f((X, "y") -> X || "y"), f(x -> (x))

select count(*), COUNT(*), count(), Sum(distinct a), count(distinct a, b), array_agg(a order by b desc, c), array_agg(distinct a order by a), "count"(a), max(a) filter (where b > 1) from t

select row_number() over (), rank() over (partition by a, b order by c desc nulls last), sum(a) over (order by b rows between 1 preceding and current row), sum(a) filter (where b) over (partition by c), sum(a) over (order by b range unbounded preceding), sum(a) over (rows between unbounded preceding and 2 following) from t

select sum(a) over from t

select listagg(a, ',') within group (order by b), listagg(a) within group (order by b desc), LISTAGG(distinct a, ', ' on overflow error) within group (order by a) from t

select extract(year from a), extract(WEEK from a), position('a' in b), trim(a), TRIM(both from a), trim('x' from a), trim(leading 'x' from a), trim(trailing from a), substring(a from 1), SUBSTRING(a from 2 for 3), substring(a, 1), SubString(a, 1, 2), substr(a, 1)

select current_date, CURRENT_DATE, Current_Timestamp, now(), localtimestamp, a at time zone 'UTC', (a + b) at time zone 'UTC', grouping(a, b), current_date + interval '1' day

select (select max(x) from t), exists (select 1), a in (select x from t), a in ((select 1)), a not in (select 1), not exists (select 1), (select 1) + 1, ((select 1)), (select 1 union select 2)

select 1 from t where exists (select 1 from u where u.a = t.a and u.b > 1) and x in (select y from v where z = 1 group by y having count(*) > 1 order by y limit 1)

select a = any (select 1), a > some (select 1 union select 2), not a <> all (select 2), a = any (values 1, 2)

select * from (select f(a) over w, f(b) over (w), f(c) over (v rows 1 preceding) from t having c window w as (partition by a order by b), "V" as () order by 1) x

select f(a) over w from t window w as (order by a)

select a from t group by a

select a from t where b group by a, 2, (a + b), ((c)) having count(*) > 1

select a from t group by (a, b), c, (d)

select a from t group by ()

select a from t group by rollup (a, (b, c)), cube (a, b), grouping sets (a, (b), (a, b), ())

select a from t order by a asc nulls first, b desc nulls last, c nulls last, d desc, last

select a from t offset 5 row limit 3

select a from t limit all

select a from t order by a fetch first row only

select a from t order by a fetch next 5 rows with ties

select * from a, b

select a.*, * from a cross join b

select * from t left outer join u using (a, b)

select * from t full join u on a = b right join v on c = d and e = f

select * from t, u join v on a = b, w cross join x

select * from t natural left join u natural join v

select * from t join (u join v on a = b) on c = d

select a from (t join u on true)

select * from (t join u on true) v, ((t) a) b, (t) c

select * from t x (a, "B")

select a from (select b from c) d (e, f)

select a from (select 1 a)

select a from ((select 1 a))

select a, b from (select a, b from (select a, b, c from t where c = 1) x join y on x.a = y.a) z where z.b = 2

select * from (select a, b from t group by a, b having c order by a, b offset 1 limit 2) x

select * from a left join (select x, y from z) q on q.x = a.x

select * from (values (1, 'a'), (2, 'b')) as x (a, b)

select * from (values 1, (2)) x

select * from ((values 1) t (a)) as x, ((select 1) u) v

select * from unnest(array[1], b) with ordinality as u (a, b, c) cross join unnest(q) w

select * from unnest(a)

select * from t cross join lateral (select x, y from z) q

select * from (select * from lateral (select 1) z, unnest(a) w) x

select * from table(sequence(start => 0, stop => 5)) t (n)

select * from (select * from table(sequence(1, 7, -3))) x

select * from "t$files" a, t for timestamp as of timestamp '2020-01-01 00:00:00 UTC' x, u for version as of 12

values 1, 2

values (1, 'a', null), row(2, 'b', row(3))

table t

table s.t union all select 1

select 1 union select 2

select 1 union all select 2 union distinct select 3

select 1 a union all (select 2 b order by 1 limit 1)

select 1 except all select 2

select 1 union select 2 intersect select 3

select 1 union (select 2 intersect select 3)

(select 1 union select 2) intersect select 3

(select 1) union (select 2) except select 3 intersect all select 4 order by 1 fetch first 3 rows only

select a, b from t union select c, d from u order by 1

select a from t union all values 1, 2

select x from ((values 1) union (values 2)) as u (x)

select * from (select 1 union (select 2) except select 3)

select * from (select 1 union all values 1, 2) x

(select 1)

((select 1) order by 1) limit 3

with a as (select 1 x), b (c, d) as (select 1, 2 union all select 3, 4) select * from a, b

with x as (select a, b from t) select * from x union all select * from x

with x as (with y as (select 1) select * from y) select * from x

with x as (values 1) select * from x

with x as (table t) select (with y as (select 1 z) select z from y) from x

with a as (select 1) select * from a order by 1 limit 2

select a from (with b as (select 1 a) select a from b) c join (with d as (select 1) select * from d) e on true

select 1 as a where 1 = 1

-- a comment
select a /* another */ from t -- and a third
where b
