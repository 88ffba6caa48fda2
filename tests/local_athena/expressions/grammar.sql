select 1 where 1 in ()

select 1 where 1 in 1

select !true

select * from (values 1) t(a) join (values 1) u(b)

select * from (values 1) t(a) inner join (values 1) u(b)

select * from (values 1) t(a) left join (values 1) u(b)

select * from (values 1) t(a) full join (values 1) u(b)

select * from (values 1) t(a) cross join (values 1) u(b) on true

select * from (values 1) t(a) natural join (values 1) u(b)

select * from (values 1) t(a) natural join (values 1) u(a)

select * from (values 1) t(a) join (values 1) u(a) using a

select * from (values 1) t(a) join (values 1) u(a) using ()

select * from (values 1) t(a) limit all

select * from (values 1) t(a) limit '1'

select * from (values 1) t(a) limit 1.5

select * from (values 1) t(a) limit -1

select * from (values 1) t(a) limit 1+1

select * from (values 1,2) t(a) order by a fetch first 1 row only

select * from (values 1,2) t(a) order by a fetch first row only

select * from (values 1,2) t(a) order by a offset 1 fetch next 1 rows only

select * from (values 1,2) t(a) order by a offset 1 row

select * from (values 1,1,2) t(a) order by a fetch first 1 row with ties

select * from (values 1,2) t(a) fetch first 1 row with ties

select * from (values 1,2) t(a) order by a limit 1 fetch first 1 row only

select 1 from (values (1,2)) t(a,b) group by (a,b)

select a, b, count(*) from (values (1,2),(1,2),(2,3)) t(a,b) group by (a,b) order by 1

select a, b, count(*) from (values (1,2),(1,2),(2,3)) t(a,b) group by (a), b order by 1

select count(*) from (values (1,2),(1,2),(2,3)) t(a,b) group by ()

select count(*) from (values (1,2),(1,2),(2,3)) t(a,b) group by distinct a order by 1

select a from (values 1) t(a) group by all

select a from (values 1) t(a) order by all

select 5 div 2

select 5 mod 2

select 2 ** 3

select 1 xor 2

select true xor false

select not not true

select - - 1

select --1

select +1

select + - 1

select 1 - -1

select 1 --1

select a.b.c.d from (values 1) a(b)

select (1)

select (1, 2)

select ((1, 2))

select row(1, 2).field0

select (row(1, 2)).field0

select cast(row(1,2) as row(a int, b int)).a

select array[1,2,3][1:2]

select [1,2]

select {'a': 1}

select array(1,2)

select array[]

select array[1][1]

select map{'a': 1}

select interval 1 day

select interval '1' days

select interval '1 day'

select interval '1-2' year to month

select interval '1' week

select interval '1' day + interval '1' month

select interval -'1' day

select interval - '1' day

select date('2020-01-01')

select date 2020-01-01

select timestamp('2020-01-01')

select timestamp 'x'

select date '2020-13-01'

select time '25:00:00'

select decimal 'x'

select bigint '1'

select varchar 'x'

select varchar(2) 'abc'

select char 'x'

select double '1.5'

select double '1e0'

select double precision '1.5'

select real '1.5'

select boolean 'true'

select integer '1'

select int '1'

select tinyint '1'

select smallint '1'

select json '1'

select x'41'

select X'4'

select u&'\0041'

select U&'d\0061t\+000061'

select n'x'

select $$x$$

select 'it''s'

select 'it\'s'

select "a" from (values 1) t(a)

select [a] from (values 1) t(a)

select `a` from (values 1) t(a)

select 'a' 'b'

select 'a' || 'b' || 'c'

select concat('a')

select coalesce(1)

select coalesce()

select nullif(1)

select nullif(1,2,3)

select if(true)

select if(true, 1, 2, 3)

select case end

select case when true then 1

select case when true then 1 else end

select case 1 when 1 then 2 else 3 end

select case when 1 then 2 end

select case 1 when 'a' then 2 end

select 1 is not null

select 1 isnull

select 1 notnull

select 1 is true

select true is true

select true is not false

select true is unknown

select 1 is distinct from 2

select 1 is not distinct from null

select 1 <=> 1

select 1 == 1

select 1 =! 1

select 1 ! = 1

select 1 > = 1

select 1 <> 2

select 1 ^= 2

select 1 between 1 and 2

select 1 between symmetric 2 and 1

select 1 not between 1 and 2

select 'a' like 'a%' escape '\'

select 'a' not like 'a'

select 'a' ilike 'A'

select 'a' rlike 'a'

select 'a' regexp 'a'

select 'a' similar to 'a'

select 'a' glob 'a'

select 'a' ~ 'a'

select 1 in (1, 2)

select 1 not in (1, 2)

select 1 in (select 1)

select (1, 2) in ((1, 2))

select (1, 2) in (select 1, 2)

select (1, 2) = (1, 2)

select 1 = any (values 1)

select 1 = all (select 1)

select 1 > some (select 1)

select exists (select 1)

select not exists (select 1)

select exists(values 1)

select unique (select 1)

select a from (values 1) t(a) where a

select a from (values 1) t(a) having a = 1

select a from (values 1) t(a) where count(*) = 1

select a, count(*) from (values 1) t(a)

select a as b from (values 1) t(a) where b = 1

select a as b from (values 1) t(a) group by b

select a as b, count(*) from (values 1) t(a) group by 1

select a as b, count(*) from (values 1) t(a) group by 3

select a as b from (values 1) t(a) order by 2

select a as b from (values 1) t(a) order by b + 1

select a as b from (values 1) t(a) order by a + b

select distinct a from (values 1) t(a) order by a + 1

select distinct a from (values (1,2)) t(a,b) order by b

select all a from (values 1) t(a)

select distinct all a from (values 1) t(a)

select distinct(a) from (values 1) t(a)

select distinct(a), 1 from (values 1) t(a)

select count(distinct a, b) from (values (1,2)) t(a,b)

select count(distinct (a, b)) from (values (1,2)) t(a,b)

select count(all a) from (values 1) t(a)

select count(distinct *) from (values 1) t(a)

select count() from (values 1) t(a)

select count(a, a) from (values 1) t(a)

select sum(distinct a) from (values 1) t(a)

select sum(a) filter (where a > 0) from (values 1) t(a)

select sum(a) filter (a > 0) from (values 1) t(a)

select array_agg(a order by a desc) from (values 1,2) t(a)

select array_agg(a order by a desc nulls last) from (values 1,2) t(a)

select array_agg(a) within group (order by a) from (values 1,2) t(a)

select listagg(a) from (values 'x') t(a)

select listagg(a, ',') within group (order by a) from (values 'x','y') t(a)

select string_agg(a, ',') from (values 'x') t(a)

select group_concat(a) from (values 'x') t(a)

select first(a) from (values 1) t(a)

select last(a) from (values 1) t(a)

select sum(a) over from (values 1) t(a)

select sum(a) over () from (values 1) t(a)

select sum(a) over (order by a rows 1 preceding) from (values 1,2) t(a) order by 1

select sum(a) over (order by a rows between 1 preceding and unbounded following) from (values 1,2) t(a) order by 1

select sum(a) over (rows between 1 following and 1 preceding) from (values 1) t(a)

select sum(a) over w from (values 1) t(a) window w as (order by a)

select row_number() from (values 1) t(a)

select row_number() over (partition by) from (values 1) t(a)

select rank() over () from (values 1) t(a)

select a from (values 1) t(a) qualify row_number() over () = 1

select * from values 1

select * from (values 1)

select * from (values (1, 'a'))

select * from values (1), (2)

values 1, 2

values (1, 2), (3, 4)

(select 1)

((select 1))

(select 1) union all (select 1)

select 1 union select 1

select 1 union distinct select 1

select 1 minus select 1

select 1 except all select 1

select 1 intersect all select 1

select 1 union all select 'a'

select 1, 2 union all select 1

select 1 union all by name select 1

with x as (select 1) select * from x, x y

with x as (select 1)

with x (a, b) as (select 1) select * from x

with x as (select 1 a), x as (select 2 a) select * from x

with x as materialized (select 1 a) select * from x

with recursive x as (select 1 a) select * from x

select * from (select 1 a)

select * from (select 1 a) t(b)

select * from (select 1 a) as t (b, c)

select * from (select 1 a) as t b

select a b c from (values 1) t(a)

select a as b as c from (values 1) t(a)

select a "b" from (values 1) t(a)

select t.* as x from (values 1) t(a)

select t.*, a from (values 1) t(a)

select *, a from (values 1) t(a)

select a, * from (values 1) t(a)

select * exclude (a) from (values 1) t(a)

select * except (a) from (values 1) t(a)

select * replace (1 as a) from (values 1) t(a)

select row(1,2).*

select (row(1,2)).*

select cast(row(1,2) as row(a int,b int)).* as (x, y)

select 1 limit 1 offset 1

select 1 offset 1 limit 1

select top 1 1

select 1 for update

select 1 into x

select

select from (values 1) t(a)

select * from

select * frm (values 1) t(a)

selec 1

select 1 +

select (1

select 1)

select 1,, 2

select , 1

select 1 where

select 1 group by

select 1 order by

select 1 order by 1,

select 1 having

select cast(1)

select cast(1 as)

select cast(1 int)

select cast(1, int)

select try_cast('x' as int)

select safe_cast('x' as int)

select convert(int, '1')

select '1'::int

select extract(year from date '2020-01-01')

select extract(epoch from date '2020-01-01')

select extract(dow from date '2020-01-01')

select extract(day_of_week from date '2020-01-01')

select extract('year' from date '2020-01-01')

select position('b' in 'abc')

select strpos('abc', 'b')

select substring('abc' from 2)

select substring('abc' from 2 for 1)

select substring('abc', 2, 1)

select substring('abc' for 1)

select trim('  a ')

select trim(both 'x' from 'xax')

select trim(leading 'x' from 'xax')

select trim(from ' a ')

select trim('xax', 'x')

select trim(both from ' a ')

select overlay('abc' placing 'x' from 1)

select current_date()

select current_catalog

select current_schema

select getdate()

select sysdate

select datediff('day', date '2020-01-01', date '2020-01-02')

select dateadd(day, 1, date '2020-01-01')

select date_add('day', 1, date '2020-01-01')

select date_add(day, 1, date '2020-01-01')

select date_add(date '2020-01-01', interval '1' day)

select date_trunc(month, date '2020-01-01')

select to_date('2020-01-01', 'yyyy-MM-dd')

select ifnull(1, 2)

select nvl(1, 2)

select isnull(1)

select iff(true, 1, 2)

select decode(1, 1, 2)

select len('a')

select left('abc', 1)

select right('abc', 1)

select instr('abc', 'b')

select mid('abc', 1)

select ucase('a')

select lcase('A')

select charindex('a', 'abc')

select to_char(1, '9')

select to_number('1')

select regexp_replace('abc', 'b', 'x', 'g')

select split_part('a,b', ',', 2)

select split('a,b', ',')

select explode(array[1])

select * from unnest(array[1,2])

select * from unnest(array[1,2]) with ordinality

select * from unnest(array[1,2]) with offset

select * from unnest(array[1,2]) t(a)

select * from unnest(array[1,2]) as a

select * from unnest(array[1,2], array[3]) as t(a, b)

select unnest(array[1,2])

select * from (values 1) t(a), unnest(array[a]) u(b)

select * from (values 1) t(a) cross join unnest(array[a]) u(b)

select * from (values 1) t(a) left join unnest(array[a]) u(b) on true

select * from (values 1) t(a) left join unnest(array[a]) u(b) on b = 1

select * from (values 1) t(a) join unnest(array[a]) u(b) on true

select * from (values 1) t(a) lateral view explode(array[a]) u as b

select * from (values 1) t(a), lateral (select a + 1)

select * from (values 1) t(a) cross join lateral (select a + 1) u(b)

select * from lateral (select 1)

select * from ((values 1) t(a))

select * from ((values 1) t(a) cross join (values 2) u(b))

select * from (select 1) where true

select * from range(3)

select * from generate_series(1, 3)

select * from sequence(1, 3)

select * from table(generator(rowcount => 1))

select sequence(1, 3)

select transform(array[1,2], x -> x + 1)

select transform(array[1,2], (x) -> x + 1)

select transform(array[1,2], lambda x: x + 1)

select reduce(array[1,2], 0, (s, x) -> s + x, s -> s)

select grouping(a) from (values 1) t(a) group by a

select a from (values 1) t(a) group by rollup a

select a from (values 1) t(a) group by a with rollup

select a from (values 1) t(a) tablesample bernoulli (100)

select a from (values 1) t(a) tablesample (10 percent)

select a from (values 1) t(a) sample 10

select a from (values 1) t(a) pivot (count(a) for a in (1))

select a from (values 1) as t(a) as u

select a from (values 1) t(a) t2

select 1 as "a""b"

select 1 as ""

select "" from (values 1) t(a)

select 1 a, 2 a

select a from (select 1 a, 2 a)

select * from (select 1 a, 2 a)

select $1

select :a

select @a

select #a

select a$b from (values 1) t(a)

select a@b from (values 1) t(a)

select 1a from (values 1) t(a)

select _a from (values 1) t(_a)

select 1_000

select 0x1F

select 0b101

select 0o17

select 1e

select 1.e1

select .1e1

select 1..2

select 1.2.3

select 99999999999

select 99999999999999999999

select 1e400

select -9223372036854775808

select 9223372036854775808

select 2147483648

select -2147483648

select true and null

select null or true

select true && false

select true || false

select not null

select null = null

select null is null

select null + 1

select 'a' + 'b'

select 'a' + 1

select 1 || 'a'

select 1 = '1'

select date '2020-01-01' = '2020-01-01'

select date '2020-01-01' + 1

select date '2020-01-02' - date '2020-01-01'

select date '2020-01-01' + interval '1' day

select timestamp '2020-01-01 00:00:00' + interval '1' hour

select interval '1' day * 2

select 2 * interval '1' day

select interval '2' day / 2

select 1 / 0

select 1 % 0

select 1e0 / 0

select 7 / 2

select -7 / 2

select -7 % 2

select 1 collate x

select 1 at time zone 'UTC'

select timestamp '2020-01-01 00:00:00' at time zone 'UTC'

select timestamp '2020-01-01 00:00:00' at time zone 'America/New_York'

select timestamp '2020-01-01 00:00:00 UTC' at time zone 'America/New_York'

select timestamp '2020-01-01 00:00:00 America/New_York'

select timestamp '2020-01-01 00:00:00 +02:00'

select timestamp '2020-01-01 00:00:00+02:00'

select timestamp '2020-01-01T00:00:00'

select timestamp '2020-01-01'

select timestamp '2020-01-01 10'

select timestamp '2020-01-01 10:11'

select timestamp with time zone '2020-01-01 00:00:00 UTC'

select * from ((values 1) t(a) cross join (values 2) u(b)) as z(c, d)

select z.c, z.d from ((values 1, 2) t(a) join (values 2, 3) u(b) on a = b) as z(c, d)

select t.a, u.b from ((values 1, 2) t(a) left join (values 2, 3) u(b) on t.a = u.b) order by 1

select t.a, u.b, v.c from (values 1, 2) t(a) left join ((values 2, 3) u(b) join (values 3, 2) v(c) on u.b = v.c) on t.a = u.b order by 1

select t.a, u.b, v.c from (values 1, 2) t(a) left join (values 2, 3) u(b) join (values 3, 2) v(c) on u.b = v.c on t.a = u.b order by 1

select * from (((values 1) t(a)))

select t.a from (((values 1) t(a)) cross join (values 2) u(b))

select t.a from ((values 1) t(a)) as x

select x.a from ((values 1) t(a)) as x

select * from (unnest(array[1, 2]) as t(a)) order by 1

select * from ((select 1 a) x join (select 1 b) y on x.a = y.b)

select x.a, y.b from ((select 1 a) x join (select 1 b) y on x.a = y.b) join (values 1) z(c) on z.c = y.b

select * from ((values (1, 2)) t(a, b) join (values (1, 3)) u(a, c) using (a))

select a, count(*) from ((values 1, 1, 2) t(a)) group by (a) order by a

select a, b, count(*) from (values (1, 2), (1, 2)) t(a, b) group by (a, b), ()

select a, sum(b) from (values (1, 2), (1, 3)) t(a, b) group by (a), () order by 1

select a + b, count(*) from (values (1, 2), (1, 2)) t(a, b) group by (a + b)

select a, b from (values (1, 2), (3, 4)) t(a, b) order by a desc fetch first 1 rows only

select a from (values 3, 1, 2) t(a) order by a offset 1 rows fetch next 1 row only

select a from (values 3, 1, 2) t(a) order by a limit all

select sum(a) over (order by a rows between current row and 1 preceding) from (values 1) t(a)

select sum(a) over (order by a rows between unbounded following and current row) from (values 1) t(a)

select sum(a) over (order by a rows between current row and unbounded preceding) from (values 1) t(a)

select sum(a) over (order by a rows between 2 following and current row) from (values 1) t(a)

select sum(a) over (order by a rows between 2 preceding and 1 preceding) from (values 1, 2, 3) t(a) order by 1

select sum(a) over (order by a rows between 1 following and 2 following) from (values 1, 2, 3) t(a) order by 1

select sum(a) over (order by a rows between 1 preceding and 2 preceding) from (values 1, 2, 3) t(a) order by 1

select div from (values 1) t(div)

select glob, isnull from (values (1, 2)) t(glob, isnull)

select xor.semi from (values 1) xor(semi)

select list, object, keep from (values (1, 2, 3)) t(list, object, keep)

select é from (values 1) t(é)

select "é" from (values 1) t("é")

select 1 as é

select a from (values 1) t(a) where a in (1, 2,)

select a from (values 1) t(a) where a in (select 1, )

select concat('a', 'b',)

select row(1, 2,)

select * from (values 1) t(a,)

select * from (values (1, 2)) t(a, b) join (values (1, 2)) u(a, b) using (a, b)

select * from (values 1) t(a) left outer join (values 1) u(b) on t.a = u.b

select * from (values 1) t(a) cross join (values 2) u(b) cross join (values 3) v(c)

select * from (values 1) t(a), (values 2) u(b), (values 3) v(c)

select * from (values 1) t(a) semi join (values 1) u(b) on t.a = u.b

select * from (values 1) t(a) left semi join (values 1) u(b) on t.a = u.b

select * from (values 1) t(a) left anti join (values 1) u(b) on t.a = u.b

select * from (values 1) t(a) asof join (values 1) u(b) on t.a = u.b

select * from (values 1) t(a) straight_join (values 1) u(b)

select * from (values 1) t(a) cross apply (select 1)

select 1 a union select 2 a intersect select 2 order by 1

select coalesce(a) from (values 1) t(a)

select try()

select try(1, 2)

select date from (values date '2020-01-01') t(date)

select t.date, t.timestamp from (values (1, 2)) t(date, timestamp)

select time with time zone '01:00:00 UTC'

select timestamp '2020-01-01 00:00:00 UTC' at time zone 'UTC'

select 'a' 'b' from (values 1) t(a)

select 'x' as "y" 'z'

select 1 from (values 1) t(a) where a is unknown

select 1 from (values 1) t(a) where not a is null

select 1 from (values 1) t(a) where a is not distinct from 1

select 1 from (values 1) t(a) where a not in ()

select 1 from (values 1) t(a) where a in unnest(array[1])

select 1 from (values 1) t(a) where a == 1

select 1 from (values 1) t(a) where a := 1

select 1 from (values 1) t(a) where !(a = 1)

select 1 from (values 1) t(a) where a <=> 1

select 1 from (values 1) t(a) limit 1 offset 1

select a from (values 1) t(a) union all select b from (values 2) u(b) order by a limit 1

select count(*) filter (where a > 1) from (values 1, 2) t(a)

select filter(array[1, 2], x -> x > 1)

select a offset from (values 1) t(a)

select a, offset from (values (1, 2)) t(a, offset)

select ordinality from (values 1) t(ordinality)

select * from unnest(array[5, 6]) with ordinality as t(x, n) order by n

select 1;;

select 1; ;

select X'68
65', 'X''6 8''' as "x'6 8"

select nosuch(1)

select substr('abc')

select nth_value(a, 0) over (order by a) from (values 1,2,3) t(a)

select ntile(0) over (order by a) from (values 1,2,3) t(a)

select (select 1, 2)

select 1 in (select 1, 2)

select 1 = all (select a from (values 1) t(a))

select 1 = any (values 1, 2)

select max_by(a, b, 2) from (values (1,2),(3,1)) t(a,b)

select multimap_agg(a, b) from (values (1,2),(1,1)) t(a,b)

select stddev(a), variance(a) from (values 1,2,3) t(a)

select corr(a, b) from (values (1e0,2e0),(2e0,4e0)) t(a,b)

select checksum(a) from (values 1) t(a)

select geometric_mean(a) from (values 1,2) t(a)

select min(a, 2) from (values 3,1,2) t(a)

select timestamp '2024-01-02 00:00:00' - timestamp '2024-01-01 00:00:00'

select interval '1' day

select interval '1' month * 2

select current_date - current_date

select array[] = array[]

select cast(row(1, 2) as row(a integer, a integer)).a

select cast('abc' as char(5))

select cast(1 as array)

select * from a.b.c.d

select count(t.*) from (values 1) t(a)

select a -> 1 from (values 1) t(a)

select transform(1, x -> x)

select reduce(array[1], 0, s -> s, s -> s)

select U&'\0041'

select ? + 1

select at_timezone(timestamp '2024-01-01 00:00:00 UTC', 'America/New_York')

select timestamp '2024-01-01 00:00:00 America/New_York'

select timestamp '2024-01-01 00:00:00 +02:00'

select a from (values 1) as t tablesample bernoulli (100)

select a from (values 1) t(a) tablesample bernoulli (101)

select * from (values (1,2)) t(a,b) where (a,b) = (1,2)

select * from (values (1,2)) t(a,b) where (a,b) in (select 1, 2)

select a from (values 1) t(a) window w as (order by a)

select a from (values 1) t(a) for update

select * from (values 1) t(a) natural left join (values 1) u(a)

select extract(foo from date '2024-01-01')

select from_iso8601_date('x')

select regexp_like('a', '(')

select url_decode('%zz')

select split('a', 'b', 0)

select array[1][null]

select parse_duration('1x')

select lag(a, 1, 'x') over (order by a) from (values 1) t(a)

select count(*) over (range between interval '1' day preceding and current row) from (values 1) t(a)

select lag(a, null) over (order by a) from (values 1,2) t(a)

select extract(day from time '10:00')

select extract(hour from time '10:00')

select hour(time '10:11:12')

select hour(timestamp '2024-01-01 00:00:01.5 UTC')

select day(timestamp '2024-01-01 00:00:01.5 UTC')

select extract(year from 'x')

select interval '1' hour + time '10:00'

select interval '1' day + date '2024-01-01'

select timestamp '2024-01-01 00:00:00' + interval '1.5' second

select timestamp '2024-01-01 00:00:00' + interval '1 1' day to hour

select cast(row(1, 2) as row(a integer, a integer))

select cast(row(1, 2) as row(a integer, A integer))

select cast(null as timestamp(13))

select cast(null as timestamp(9))

select cast(null as char(0))

select decimal ''

select decimal '1e5'

select decimal '.'

select decimal ' 1'

select transform_values(map(array[1],array[1]), x -> x)

select any_match(array[1], x -> null)

select filter(1, x -> true)

select reduce(array[1], 0, (s, x) -> 'a', s -> s)

select interval 'x' day

select interval '1' fortnight

select uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'

select ipaddress '1.1.1.1'

select * from (values 1) t(x) inner join unnest(array[x]) u(y) on y = x

select a from (values 1,2) t(a) where a > any (select b from (values 1) u(b))

select a from (values 1,2) t(a) where a >= all (select b from (values 1,2) u(b))

select max(a) - min(a) from (values date '2024-01-01') t(a)

select avg(cast(a as decimal(10,2))) from (values 1,2) t(a)

select avg(a) from (values cast(1 as real), cast(2 as real)) t(a)

select min(a), max(a) from (values array[1,2], array[1,3]) t(a)

select max(a) from (values row(1,2), row(1,3)) t(a)

select a from (values row(2), row(1)) t(a) order by a

select map(array[1], array[2]) = map(array[1], array[2])

select json '{"a":1,"b":2}' = json '{"b":2,"a":1}'

select cast('a' as char(3)) = 'a'

select 'a' || null

select null || 'a'

select length(null), upper(null)

select substring('hello', 2, 3), strpos('hello', 'l'), strpos('hello', 'l', 2), strpos('hello', 'l', -1)

select split_part('a.b.c', '.', 2), split('a.b.c', '.', 2), split_to_map('a=1,b=2', ',', '=')

select regexp_extract('foo123', '[0-9]+'), regexp_count('a1b2', '[0-9]'), regexp_position('a1', '[0-9]')

select translate('abc', 'ab', 'xy'), soundex('Robert'), starts_with('abc', 'ab'), ends_with('abc', 'bc')

select normalize('é', nfd), to_utf8('a'), from_utf8(to_utf8('é'))

select date_format(date '2024-01-05', '%e %c %k %l %r')

select format_datetime(timestamp '2024-01-05 01:02:03', 'yyyy-MM-dd')

select parse_datetime('2024-01-05', 'yyyy-MM-dd')

select to_iso8601(date '2024-01-05'), to_iso8601(timestamp '2024-01-05 00:00:00')

select date(timestamp '2024-01-05 23:00:00'), date('2024-01-05'), day(date '2024-01-05'), month('2024-01-05')

select extract(dow from date '2024-01-05'), extract(doy from date '2024-01-05'), extract(week from date '2024-01-05'), extract(yow from date '2024-01-05')

select from_unixtime(1700000000), from_unixtime(1700000000, 'UTC'), to_unixtime(timestamp '2024-01-01 00:00:00')

select with_timezone(timestamp '2024-01-01 00:00:00', 'UTC'), timestamp '2024-01-01 00:00:00 UTC' at time zone 'UTC'

select max_by(a, b) over (), min_by(a, b) over () from (values (1, real 'nan'), (3, real '1')) t(a, b)

select decimal '12345.678' = decimal '99999999999999999999999999999999999999'

select x < y from (values (decimal '12345.678', decimal '99999999999999999999999999999999999999')) t(x, y)

select decimal '1.5' in (decimal '99999999999999999999999999999999999999')

select approx_percentile(x, p) from (values (1, 0.5e0), (2, 0.5e0), (3, 0.5e0)) t(x, p)

select approx_percentile(x, null) from (values 1, 2) t(x)

select approx_percentile(x, 0.5e0) from (values infinity(), 1e0) t(x)

select date_add('day', 500000000, date '2024-01-01')

select date_add('hour', bigint '9223372036854775807', timestamp '2024-01-01 00:00:00')

select date_add('year', 300000, date '2024-01-01')

select cast(timestamp '1969-12-31 23:59:59.999999' as time(3))

select cast(timestamp '1969-12-31 23:59:59.999123' as time(3))
