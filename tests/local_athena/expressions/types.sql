select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(true as boolean)) as v (z))
from (values (1, cast(true as boolean), cast(true as boolean)), (2, cast(true as boolean), cast(false as boolean)), (3, cast(true as boolean), cast(null as boolean)), (4, cast(false as boolean), cast(true as boolean)), (5, cast(false as boolean), cast(false as boolean)), (6, cast(false as boolean), cast(null as boolean)), (7, cast(null as boolean), cast(true as boolean)), (8, cast(null as boolean), cast(false as boolean)), (9, cast(null as boolean), cast(null as boolean))) as t (n, x, y) order by n

select n, x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) order by x, n

select n, x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) order by x

select x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) union select cast(true as boolean) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(true as boolean)), least(min(x), cast(true as boolean)) from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(true as boolean)), contains(l, cast(false as boolean)), cardinality(l), element_at(l, -1) from (values array[cast(true as boolean), cast(false as boolean), cast(null as boolean), cast(true as boolean)]) as t (l)

select x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) intersect select x from (values cast(true as boolean), cast(false as boolean)) as u (x) order by 1

select x from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) except select x from (values cast(true as boolean)) as u (x) order by 1

select t.n, u.n from (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as t (n, x) left join (values (1, cast(true as boolean)), (2, cast(false as boolean)), (3, cast(null as boolean)), (4, cast(true as boolean))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(1 as tinyint)) as v (z))
from (values (1, cast(1 as tinyint), cast(1 as tinyint)), (2, cast(1 as tinyint), cast(-128 as tinyint)), (3, cast(1 as tinyint), cast(null as tinyint)), (4, cast(1 as tinyint), cast(127 as tinyint)), (5, cast(-128 as tinyint), cast(1 as tinyint)), (6, cast(-128 as tinyint), cast(-128 as tinyint)), (7, cast(-128 as tinyint), cast(null as tinyint)), (8, cast(-128 as tinyint), cast(127 as tinyint)), (9, cast(null as tinyint), cast(1 as tinyint)), (10, cast(null as tinyint), cast(-128 as tinyint)), (11, cast(null as tinyint), cast(null as tinyint)), (12, cast(null as tinyint), cast(127 as tinyint)), (13, cast(127 as tinyint), cast(1 as tinyint)), (14, cast(127 as tinyint), cast(-128 as tinyint)), (15, cast(127 as tinyint), cast(null as tinyint)), (16, cast(127 as tinyint), cast(127 as tinyint))) as t (n, x, y) order by n

select n, x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by x, n

select n, x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by x

select x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) union select cast(1 as tinyint) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(1 as tinyint)), least(min(x), cast(1 as tinyint)) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1 as tinyint)), contains(l, cast(-128 as tinyint)), cardinality(l), element_at(l, -1) from (values array[cast(1 as tinyint), cast(-128 as tinyint), cast(null as tinyint), cast(127 as tinyint), cast(1 as tinyint)]) as t (l)

select x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) intersect select x from (values cast(1 as tinyint), cast(-128 as tinyint)) as u (x) order by 1

select x from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) except select x from (values cast(1 as tinyint)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) left join (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(1 as smallint)) as v (z))
from (values (1, cast(1 as smallint), cast(1 as smallint)), (2, cast(1 as smallint), cast(-32768 as smallint)), (3, cast(1 as smallint), cast(null as smallint)), (4, cast(1 as smallint), cast(32767 as smallint)), (5, cast(-32768 as smallint), cast(1 as smallint)), (6, cast(-32768 as smallint), cast(-32768 as smallint)), (7, cast(-32768 as smallint), cast(null as smallint)), (8, cast(-32768 as smallint), cast(32767 as smallint)), (9, cast(null as smallint), cast(1 as smallint)), (10, cast(null as smallint), cast(-32768 as smallint)), (11, cast(null as smallint), cast(null as smallint)), (12, cast(null as smallint), cast(32767 as smallint)), (13, cast(32767 as smallint), cast(1 as smallint)), (14, cast(32767 as smallint), cast(-32768 as smallint)), (15, cast(32767 as smallint), cast(null as smallint)), (16, cast(32767 as smallint), cast(32767 as smallint))) as t (n, x, y) order by n

select n, x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by x, n

select n, x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by x

select x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) union select cast(1 as smallint) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(1 as smallint)), least(min(x), cast(1 as smallint)) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1 as smallint)), contains(l, cast(-32768 as smallint)), cardinality(l), element_at(l, -1) from (values array[cast(1 as smallint), cast(-32768 as smallint), cast(null as smallint), cast(32767 as smallint), cast(1 as smallint)]) as t (l)

select x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) intersect select x from (values cast(1 as smallint), cast(-32768 as smallint)) as u (x) order by 1

select x from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) except select x from (values cast(1 as smallint)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) left join (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(1 as integer)) as v (z))
from (values (1, cast(1 as integer), cast(1 as integer)), (2, cast(1 as integer), cast(-2147483648 as integer)), (3, cast(1 as integer), cast(null as integer)), (4, cast(1 as integer), cast(2147483647 as integer)), (5, cast(-2147483648 as integer), cast(1 as integer)), (6, cast(-2147483648 as integer), cast(-2147483648 as integer)), (7, cast(-2147483648 as integer), cast(null as integer)), (8, cast(-2147483648 as integer), cast(2147483647 as integer)), (9, cast(null as integer), cast(1 as integer)), (10, cast(null as integer), cast(-2147483648 as integer)), (11, cast(null as integer), cast(null as integer)), (12, cast(null as integer), cast(2147483647 as integer)), (13, cast(2147483647 as integer), cast(1 as integer)), (14, cast(2147483647 as integer), cast(-2147483648 as integer)), (15, cast(2147483647 as integer), cast(null as integer)), (16, cast(2147483647 as integer), cast(2147483647 as integer))) as t (n, x, y) order by n

select n, x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by x, n

select n, x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by x

select x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) union select cast(1 as integer) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(1 as integer)), least(min(x), cast(1 as integer)) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1 as integer)), contains(l, cast(-2147483648 as integer)), cardinality(l), element_at(l, -1) from (values array[cast(1 as integer), cast(-2147483648 as integer), cast(null as integer), cast(2147483647 as integer), cast(1 as integer)]) as t (l)

select x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) intersect select x from (values cast(1 as integer), cast(-2147483648 as integer)) as u (x) order by 1

select x from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) except select x from (values cast(1 as integer)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) left join (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(1 as bigint)) as v (z))
from (values (1, cast(1 as bigint), cast(1 as bigint)), (2, cast(1 as bigint), cast(-9223372036854775808 as bigint)), (3, cast(1 as bigint), cast(null as bigint)), (4, cast(1 as bigint), cast(9223372036854775807 as bigint)), (5, cast(-9223372036854775808 as bigint), cast(1 as bigint)), (6, cast(-9223372036854775808 as bigint), cast(-9223372036854775808 as bigint)), (7, cast(-9223372036854775808 as bigint), cast(null as bigint)), (8, cast(-9223372036854775808 as bigint), cast(9223372036854775807 as bigint)), (9, cast(null as bigint), cast(1 as bigint)), (10, cast(null as bigint), cast(-9223372036854775808 as bigint)), (11, cast(null as bigint), cast(null as bigint)), (12, cast(null as bigint), cast(9223372036854775807 as bigint)), (13, cast(9223372036854775807 as bigint), cast(1 as bigint)), (14, cast(9223372036854775807 as bigint), cast(-9223372036854775808 as bigint)), (15, cast(9223372036854775807 as bigint), cast(null as bigint)), (16, cast(9223372036854775807 as bigint), cast(9223372036854775807 as bigint))) as t (n, x, y) order by n

select n, x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by x, n

select n, x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by x

select x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) union select cast(1 as bigint) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(1 as bigint)), least(min(x), cast(1 as bigint)) from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1 as bigint)), contains(l, cast(-9223372036854775808 as bigint)), cardinality(l), element_at(l, -1) from (values array[cast(1 as bigint), cast(-9223372036854775808 as bigint), cast(null as bigint), cast(9223372036854775807 as bigint), cast(1 as bigint)]) as t (l)

select x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) intersect select x from (values cast(1 as bigint), cast(-9223372036854775808 as bigint)) as u (x) order by 1

select x from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) except select x from (values cast(1 as bigint)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as t (n, x) left join (values (1, cast(1 as bigint)), (2, cast(-9223372036854775808 as bigint)), (3, cast(null as bigint)), (4, cast(9223372036854775807 as bigint)), (5, cast(1 as bigint))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end
from (values (1, cast(1.5e0 as real), cast(1.5e0 as real)), (2, cast(1.5e0 as real), cast(-2.25e0 as real)), (3, cast(1.5e0 as real), cast(null as real)), (4, cast(1.5e0 as real), cast(1024e0 as real)), (5, cast(-2.25e0 as real), cast(1.5e0 as real)), (6, cast(-2.25e0 as real), cast(-2.25e0 as real)), (7, cast(-2.25e0 as real), cast(null as real)), (8, cast(-2.25e0 as real), cast(1024e0 as real)), (9, cast(null as real), cast(1.5e0 as real)), (10, cast(null as real), cast(-2.25e0 as real)), (11, cast(null as real), cast(null as real)), (12, cast(null as real), cast(1024e0 as real)), (13, cast(1024e0 as real), cast(1.5e0 as real)), (14, cast(1024e0 as real), cast(-2.25e0 as real)), (15, cast(1024e0 as real), cast(null as real)), (16, cast(1024e0 as real), cast(1024e0 as real))) as t (n, x, y) order by n

select n, x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) order by x, n

select n, x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) order by x

select x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) union select cast(1.5e0 as real) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1.5e0 as real)), contains(l, cast(-2.25e0 as real)), cardinality(l), element_at(l, -1) from (values array[cast(1.5e0 as real), cast(-2.25e0 as real), cast(null as real), cast(1024e0 as real), cast(1.5e0 as real)]) as t (l)

select x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) intersect select x from (values cast(1.5e0 as real), cast(-2.25e0 as real)) as u (x) order by 1

select x from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) except select x from (values cast(1.5e0 as real)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) left join (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(decimal '1.50' as decimal(10,2))) as v (z))
from (values (1, cast(decimal '1.50' as decimal(10,2)), cast(decimal '1.50' as decimal(10,2))), (2, cast(decimal '1.50' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))), (3, cast(decimal '1.50' as decimal(10,2)), cast(null as decimal(10,2))), (4, cast(decimal '1.50' as decimal(10,2)), cast(decimal '99999999.99' as decimal(10,2))), (5, cast(-decimal '2.25' as decimal(10,2)), cast(decimal '1.50' as decimal(10,2))), (6, cast(-decimal '2.25' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))), (7, cast(-decimal '2.25' as decimal(10,2)), cast(null as decimal(10,2))), (8, cast(-decimal '2.25' as decimal(10,2)), cast(decimal '99999999.99' as decimal(10,2))), (9, cast(null as decimal(10,2)), cast(decimal '1.50' as decimal(10,2))), (10, cast(null as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))), (11, cast(null as decimal(10,2)), cast(null as decimal(10,2))), (12, cast(null as decimal(10,2)), cast(decimal '99999999.99' as decimal(10,2))), (13, cast(decimal '99999999.99' as decimal(10,2)), cast(decimal '1.50' as decimal(10,2))), (14, cast(decimal '99999999.99' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))), (15, cast(decimal '99999999.99' as decimal(10,2)), cast(null as decimal(10,2))), (16, cast(decimal '99999999.99' as decimal(10,2)), cast(decimal '99999999.99' as decimal(10,2)))) as t (n, x, y) order by n

select n, x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by x, n

select n, x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by x

select x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) union select cast(decimal '1.50' as decimal(10,2)) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(decimal '1.50' as decimal(10,2))), least(min(x), cast(decimal '1.50' as decimal(10,2))) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(decimal '1.50' as decimal(10,2))), contains(l, cast(-decimal '2.25' as decimal(10,2))), cardinality(l), element_at(l, -1) from (values array[cast(decimal '1.50' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2)), cast(null as decimal(10,2)), cast(decimal '99999999.99' as decimal(10,2)), cast(decimal '1.5' as decimal(10,2))]) as t (l)

select x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) intersect select x from (values cast(decimal '1.50' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))) as u (x) order by 1

select x from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) except select x from (values cast(decimal '1.50' as decimal(10,2))) as u (x) order by 1

select t.n, u.n from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) left join (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end
from (values (1, cast(1.5e0 as double), cast(1.5e0 as double)), (2, cast(1.5e0 as double), cast(-2.25e0 as double)), (3, cast(1.5e0 as double), cast(null as double)), (4, cast(1.5e0 as double), cast(1e300 as double)), (5, cast(-2.25e0 as double), cast(1.5e0 as double)), (6, cast(-2.25e0 as double), cast(-2.25e0 as double)), (7, cast(-2.25e0 as double), cast(null as double)), (8, cast(-2.25e0 as double), cast(1e300 as double)), (9, cast(null as double), cast(1.5e0 as double)), (10, cast(null as double), cast(-2.25e0 as double)), (11, cast(null as double), cast(null as double)), (12, cast(null as double), cast(1e300 as double)), (13, cast(1e300 as double), cast(1.5e0 as double)), (14, cast(1e300 as double), cast(-2.25e0 as double)), (15, cast(1e300 as double), cast(null as double)), (16, cast(1e300 as double), cast(1e300 as double))) as t (n, x, y) order by n

select n, x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) order by x, n

select n, x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) order by x

select x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) union select cast(1.5e0 as double) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(1.5e0 as double)), contains(l, cast(-2.25e0 as double)), cardinality(l), element_at(l, -1) from (values array[cast(1.5e0 as double), cast(-2.25e0 as double), cast(null as double), cast(1e300 as double), cast(1.5e0 as double)]) as t (l)

select x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) intersect select x from (values cast(1.5e0 as double), cast(-2.25e0 as double)) as u (x) order by 1

select x from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) except select x from (values cast(1.5e0 as double)) as u (x) order by 1

select t.n, u.n from (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as t (n, x) left join (values (1, cast(1.5e0 as double)), (2, cast(-2.25e0 as double)), (3, cast(null as double)), (4, cast(1e300 as double)), (5, cast(1.5e0 as double))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast('b' as varchar)) as v (z))
from (values (1, cast('b' as varchar), cast('b' as varchar)), (2, cast('b' as varchar), cast('B' as varchar)), (3, cast('b' as varchar), cast(null as varchar)), (4, cast('b' as varchar), cast('é😀' as varchar)), (5, cast('B' as varchar), cast('b' as varchar)), (6, cast('B' as varchar), cast('B' as varchar)), (7, cast('B' as varchar), cast(null as varchar)), (8, cast('B' as varchar), cast('é😀' as varchar)), (9, cast(null as varchar), cast('b' as varchar)), (10, cast(null as varchar), cast('B' as varchar)), (11, cast(null as varchar), cast(null as varchar)), (12, cast(null as varchar), cast('é😀' as varchar)), (13, cast('é😀' as varchar), cast('b' as varchar)), (14, cast('é😀' as varchar), cast('B' as varchar)), (15, cast('é😀' as varchar), cast(null as varchar)), (16, cast('é😀' as varchar), cast('é😀' as varchar))) as t (n, x, y) order by n

select n, x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) order by x, n

select n, x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) group by x order by x

select distinct x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) order by x

select x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) union select cast('b' as varchar) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x)

select min(x), max(x), greatest(max(x), cast('b' as varchar)), least(min(x), cast('b' as varchar)) from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast('b' as varchar)), contains(l, cast('B' as varchar)), cardinality(l), element_at(l, -1) from (values array[cast('b' as varchar), cast('B' as varchar), cast(null as varchar), cast('é😀' as varchar), cast('b' as varchar), cast('' as varchar), cast('b ' as varchar)]) as t (l)

select x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) intersect select x from (values cast('b' as varchar), cast('B' as varchar)) as u (x) order by 1

select x from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) except select x from (values cast('b' as varchar)) as u (x) order by 1

select t.n, u.n from (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as t (n, x) left join (values (1, cast('b' as varchar)), (2, cast('B' as varchar)), (3, cast(null as varchar)), (4, cast('é😀' as varchar)), (5, cast('b' as varchar)), (6, cast('' as varchar)), (7, cast('b ' as varchar))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y)
from (values (1, cast(X'61' as varbinary), cast(X'61' as varbinary)), (2, cast(X'61' as varbinary), cast(X'ff' as varbinary)), (3, cast(X'61' as varbinary), cast(null as varbinary)), (4, cast(X'61' as varbinary), cast(X'' as varbinary)), (5, cast(X'ff' as varbinary), cast(X'61' as varbinary)), (6, cast(X'ff' as varbinary), cast(X'ff' as varbinary)), (7, cast(X'ff' as varbinary), cast(null as varbinary)), (8, cast(X'ff' as varbinary), cast(X'' as varbinary)), (9, cast(null as varbinary), cast(X'61' as varbinary)), (10, cast(null as varbinary), cast(X'ff' as varbinary)), (11, cast(null as varbinary), cast(null as varbinary)), (12, cast(null as varbinary), cast(X'' as varbinary)), (13, cast(X'' as varbinary), cast(X'61' as varbinary)), (14, cast(X'' as varbinary), cast(X'ff' as varbinary)), (15, cast(X'' as varbinary), cast(null as varbinary)), (16, cast(X'' as varbinary), cast(X'' as varbinary))) as t (n, x, y) order by n

select n, x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) order by x, n

select n, x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) order by x

select x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) union select cast(X'61' as varbinary) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x)

select cardinality(array_agg(distinct x)) from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(X'61' as varbinary)), least(min(x), cast(X'61' as varbinary)) from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(X'61' as varbinary)), contains(l, cast(X'ff' as varbinary)), cardinality(l), element_at(l, -1) from (values array[cast(X'61' as varbinary), cast(X'ff' as varbinary), cast(null as varbinary), cast(X'' as varbinary), cast(X'61' as varbinary)]) as t (l)

select x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) intersect select x from (values cast(X'61' as varbinary), cast(X'ff' as varbinary)) as u (x) order by 1

select x from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) except select x from (values cast(X'61' as varbinary)) as u (x) order by 1

select t.n, u.n from (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as t (n, x) left join (values (1, cast(X'61' as varbinary)), (2, cast(X'ff' as varbinary)), (3, cast(null as varbinary)), (4, cast(X'' as varbinary)), (5, cast(X'61' as varbinary))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(date '2025-11-15' as date)) as v (z))
from (values (1, cast(date '2025-11-15' as date), cast(date '2025-11-15' as date)), (2, cast(date '2025-11-15' as date), cast(date '0001-01-01' as date)), (3, cast(date '2025-11-15' as date), cast(null as date)), (4, cast(date '2025-11-15' as date), cast(date '9999-12-31' as date)), (5, cast(date '0001-01-01' as date), cast(date '2025-11-15' as date)), (6, cast(date '0001-01-01' as date), cast(date '0001-01-01' as date)), (7, cast(date '0001-01-01' as date), cast(null as date)), (8, cast(date '0001-01-01' as date), cast(date '9999-12-31' as date)), (9, cast(null as date), cast(date '2025-11-15' as date)), (10, cast(null as date), cast(date '0001-01-01' as date)), (11, cast(null as date), cast(null as date)), (12, cast(null as date), cast(date '9999-12-31' as date)), (13, cast(date '9999-12-31' as date), cast(date '2025-11-15' as date)), (14, cast(date '9999-12-31' as date), cast(date '0001-01-01' as date)), (15, cast(date '9999-12-31' as date), cast(null as date)), (16, cast(date '9999-12-31' as date), cast(date '9999-12-31' as date))) as t (n, x, y) order by n

select n, x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) order by x, n

select n, x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) order by x

select x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) union select cast(date '2025-11-15' as date) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(date '2025-11-15' as date)), least(min(x), cast(date '2025-11-15' as date)) from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(date '2025-11-15' as date)), contains(l, cast(date '0001-01-01' as date)), cardinality(l), element_at(l, -1) from (values array[cast(date '2025-11-15' as date), cast(date '0001-01-01' as date), cast(null as date), cast(date '9999-12-31' as date), cast(date '2025-11-15' as date)]) as t (l)

select x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) intersect select x from (values cast(date '2025-11-15' as date), cast(date '0001-01-01' as date)) as u (x) order by 1

select x from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) except select x from (values cast(date '2025-11-15' as date)) as u (x) order by 1

select t.n, u.n from (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as t (n, x) left join (values (1, cast(date '2025-11-15' as date)), (2, cast(date '0001-01-01' as date)), (3, cast(null as date)), (4, cast(date '9999-12-31' as date)), (5, cast(date '2025-11-15' as date))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))) as v (z))
from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (6, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (7, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3)), cast(null as timestamp(3))), (8, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (9, cast(null as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (10, cast(null as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (11, cast(null as timestamp(3)), cast(null as timestamp(3))), (12, cast(null as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (13, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (14, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (15, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)), cast(null as timestamp(3))), (16, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)))) as t (n, x, y) order by n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) order by x, n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) order by x

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) union select cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), least(min(x), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))) from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), contains(l, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), cardinality(l), element_at(l, -1) from (values array[cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3)), cast(null as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3)), cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))]) as t (l)

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) intersect select x from (values cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)), cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))) as u (x) order by 1

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) except select x from (values cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))) as u (x) order by 1

select t.n, u.n from (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as t (n, x) left join (values (1, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3))), (2, cast(timestamp '1969-12-31 23:59:59.999' as timestamp(3))), (3, cast(null as timestamp(3))), (4, cast(timestamp '2025-11-15 10:20:30.124' as timestamp(3))), (5, cast(timestamp '2025-11-15 10:20:30.123' as timestamp(3)))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))) as v (z))
from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (6, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (7, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6)), cast(null as timestamp(6))), (8, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (9, cast(null as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (10, cast(null as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (11, cast(null as timestamp(6)), cast(null as timestamp(6))), (12, cast(null as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (13, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (14, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (15, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)), cast(null as timestamp(6))), (16, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)))) as t (n, x, y) order by n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) order by x, n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) order by x

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) union select cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), least(min(x), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))) from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), contains(l, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), cardinality(l), element_at(l, -1) from (values array[cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6)), cast(null as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6)), cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))]) as t (l)

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) intersect select x from (values cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)), cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))) as u (x) order by 1

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) except select x from (values cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))) as u (x) order by 1

select t.n, u.n from (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as t (n, x) left join (values (1, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6))), (2, cast(timestamp '1969-12-31 23:59:59.999999' as timestamp(6))), (3, cast(null as timestamp(6))), (4, cast(timestamp '2025-11-15 10:20:30.123457' as timestamp(6))), (5, cast(timestamp '2025-11-15 10:20:30.123456' as timestamp(6)))) as u (n, x) on t.x = u.x order by 1, 2

select n, x = y, x <> y, x < y, x <= y, x > y, x >= y, x is distinct from y, x is not distinct from y, nullif(x, y), coalesce(x, y), case x when y then 1 end, x in (y, x), x not in (y), x between y and y, x not between y and x, x in (select max(z) from (values cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)) as v (z))
from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (6, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (7, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone), cast(null as timestamp(3) with time zone)), (8, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (9, cast(null as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (10, cast(null as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (11, cast(null as timestamp(3) with time zone), cast(null as timestamp(3) with time zone)), (12, cast(null as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (13, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (14, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (15, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone), cast(null as timestamp(3) with time zone)), (16, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone))) as t (n, x, y) order by n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) order by x, n

select n, x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) order by x desc nulls first, n desc

select x, count(*), count(x), sum(n), array_agg(n order by n), arbitrary(x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) group by x order by x

select distinct x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) order by x

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) union select cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone) order by 1

select count(distinct x), max_by(n, x), min_by(n, x), array_agg(x order by n), array_agg(distinct x order by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x)

select array_sort(array_agg(distinct x)), cardinality(array_agg(distinct x) filter (where n < 5)) from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x)

select min(x), max(x), greatest(max(x), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), least(min(x), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)) from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x)

select n, row_number() over (partition by x order by n), rank() over (order by x), dense_rank() over (order by x desc), lag(x) over (order by n), lead(x, 2) over (order by n), first_value(x) over (partition by x order by n), last_value(n) over (order by x, n), count(*) over (partition by x), count(x) over (order by n), max(n) over (partition by x) from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) order by n

select n, min(x) over (order by n), max(x) over () from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) order by n

select array_distinct(l), array_sort(l), contains(l, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), contains(l, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), cardinality(l), element_at(l, -1) from (values array[cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone), cast(null as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone), cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)]) as t (l)

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) intersect select x from (values cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone), cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)) as u (x) order by 1

select x from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) except select x from (values cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)) as u (x) order by 1

select t.n, u.n from (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as t (n, x) left join (values (1, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone)), (2, cast(timestamp '1969-12-31 23:59:59.999 UTC' as timestamp(3) with time zone)), (3, cast(null as timestamp(3) with time zone)), (4, cast(timestamp '2025-11-15 10:20:30.124 UTC' as timestamp(3) with time zone)), (5, cast(timestamp '2025-11-15 10:20:30.123 UTC' as timestamp(3) with time zone))) as u (n, x) on t.x = u.x order by 1, 2

select n, x + y, x - y, x * y, x / y, - x, x % y from (values (1, cast(7 as tinyint), cast(-2 as tinyint)), (2, cast(-2 as tinyint), cast(7 as tinyint)), (3, cast(7 as tinyint), cast(null as tinyint)), (4, cast(null as tinyint), cast(-2 as tinyint))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(7 as tinyint)), (2, cast(-2 as tinyint)), (3, cast(null as tinyint))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)), avg(x), avg(distinct x), typeof(avg(x)) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following), avg(x) over (order by n) from (values (1, cast(1 as tinyint)), (2, cast(-128 as tinyint)), (3, cast(null as tinyint)), (4, cast(127 as tinyint)), (5, cast(1 as tinyint))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x, x % y from (values (1, cast(7 as smallint), cast(-2 as smallint)), (2, cast(-2 as smallint), cast(7 as smallint)), (3, cast(7 as smallint), cast(null as smallint)), (4, cast(null as smallint), cast(-2 as smallint))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(7 as smallint)), (2, cast(-2 as smallint)), (3, cast(null as smallint))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)), avg(x), avg(distinct x), typeof(avg(x)) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following), avg(x) over (order by n) from (values (1, cast(1 as smallint)), (2, cast(-32768 as smallint)), (3, cast(null as smallint)), (4, cast(32767 as smallint)), (5, cast(1 as smallint))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x, x % y from (values (1, cast(7 as integer), cast(-2 as integer)), (2, cast(-2 as integer), cast(7 as integer)), (3, cast(7 as integer), cast(null as integer)), (4, cast(null as integer), cast(-2 as integer))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(7 as integer)), (2, cast(-2 as integer)), (3, cast(null as integer))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)), avg(x), avg(distinct x), typeof(avg(x)) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following), avg(x) over (order by n) from (values (1, cast(1 as integer)), (2, cast(-2147483648 as integer)), (3, cast(null as integer)), (4, cast(2147483647 as integer)), (5, cast(1 as integer))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x, x % y from (values (1, cast(7 as bigint), cast(-2 as bigint)), (2, cast(-2 as bigint), cast(7 as bigint)), (3, cast(7 as bigint), cast(null as bigint)), (4, cast(null as bigint), cast(-2 as bigint))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(7 as bigint)), (2, cast(-2 as bigint)), (3, cast(null as bigint))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)), avg(x), avg(distinct x), typeof(avg(x)) from (values (1, cast(1 as bigint)), (2, cast(-2 as bigint)), (3, cast(null as bigint)), (4, cast(3 as bigint)), (5, cast(1 as bigint))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following), avg(x) over (order by n) from (values (1, cast(1 as bigint)), (2, cast(-2 as bigint)), (3, cast(null as bigint)), (4, cast(3 as bigint)), (5, cast(1 as bigint))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x from (values (1, cast(7.5e0 as real), cast(-2.5e0 as real)), (2, cast(-2.5e0 as real), cast(7.5e0 as real)), (3, cast(7.5e0 as real), cast(null as real)), (4, cast(null as real), cast(-2.5e0 as real))) as t (n, x, y) order by n

select sum(x), sum(distinct x), typeof(sum(x)) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following) from (values (1, cast(1.5e0 as real)), (2, cast(-2.25e0 as real)), (3, cast(null as real)), (4, cast(1024e0 as real)), (5, cast(1.5e0 as real))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x, x % y from (values (1, cast(decimal '7.50' as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2)), cast(decimal '7.50' as decimal(10,2))), (3, cast(decimal '7.50' as decimal(10,2)), cast(null as decimal(10,2))), (4, cast(null as decimal(10,2)), cast(-decimal '2.25' as decimal(10,2)))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(decimal '7.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2)))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following) from (values (1, cast(decimal '1.50' as decimal(10,2))), (2, cast(-decimal '2.25' as decimal(10,2))), (3, cast(null as decimal(10,2))), (4, cast(decimal '99999999.99' as decimal(10,2))), (5, cast(decimal '1.5' as decimal(10,2)))) as t (n, x) order by n

select n, x + y, x - y, x * y, x / y, - x from (values (1, cast(7.5e0 as double), cast(-2.5e0 as double)), (2, cast(-2.5e0 as double), cast(7.5e0 as double)), (3, cast(7.5e0 as double), cast(null as double)), (4, cast(null as double), cast(-2.5e0 as double))) as t (n, x, y) order by n

select n, abs(x), ceil(x), ceiling(x), floor(x), round(x), typeof(round(x)) from (values (1, cast(7.5e0 as double)), (2, cast(-2.5e0 as double)), (3, cast(null as double))) as t (n, x) order by n

select sum(x), sum(distinct x), typeof(sum(x)), avg(x), avg(distinct x), typeof(avg(x)) from (values (1, cast(1 as double)), (2, cast(-2 as double)), (3, cast(null as double)), (4, cast(3 as double)), (5, cast(1 as double))) as t (n, x)

select n, sum(x) over (order by n), sum(x) over (order by n rows between 1 preceding and 1 following), avg(x) over (order by n) from (values (1, cast(1 as double)), (2, cast(-2 as double)), (3, cast(null as double)), (4, cast(3 as double)), (5, cast(1 as double))) as t (n, x) order by n

select x + y from (values (cast(127 as tinyint), cast(2 as tinyint))) as t (x, y)

select x * y from (values (cast(127 as tinyint), cast(2 as tinyint))) as t (x, y)

select - y - x - x from (values (cast(127 as tinyint), cast(2 as tinyint))) as t (x, y)

select x / y from (values (cast(1 as tinyint), cast(0 as tinyint))) as t (x, y)

select x % y from (values (cast(1 as tinyint), cast(0 as tinyint))) as t (x, y)

select - x from (values cast(-128 as tinyint)) as t (x)

select abs(x) from (values cast(-128 as tinyint)) as t (x)

select x / y from (values (cast(-128 as tinyint), cast(-1 as tinyint))) as t (x, y)

select x + y from (values (cast(32767 as smallint), cast(2 as smallint))) as t (x, y)

select x * y from (values (cast(32767 as smallint), cast(2 as smallint))) as t (x, y)

select - y - x - x from (values (cast(32767 as smallint), cast(2 as smallint))) as t (x, y)

select x / y from (values (cast(1 as smallint), cast(0 as smallint))) as t (x, y)

select x % y from (values (cast(1 as smallint), cast(0 as smallint))) as t (x, y)

select - x from (values cast(-32768 as smallint)) as t (x)

select abs(x) from (values cast(-32768 as smallint)) as t (x)

select x / y from (values (cast(-32768 as smallint), cast(-1 as smallint))) as t (x, y)

select x + y from (values (cast(2147483647 as integer), cast(2 as integer))) as t (x, y)

select x * y from (values (cast(2147483647 as integer), cast(2 as integer))) as t (x, y)

select - y - x - x from (values (cast(2147483647 as integer), cast(2 as integer))) as t (x, y)

select x / y from (values (cast(1 as integer), cast(0 as integer))) as t (x, y)

select x % y from (values (cast(1 as integer), cast(0 as integer))) as t (x, y)

select - x from (values cast(-2147483648 as integer)) as t (x)

select abs(x) from (values cast(-2147483648 as integer)) as t (x)

select x / y from (values (cast(-2147483648 as integer), cast(-1 as integer))) as t (x, y)

select x + y from (values (cast(9223372036854775807 as bigint), cast(2 as bigint))) as t (x, y)

select x * y from (values (cast(9223372036854775807 as bigint), cast(2 as bigint))) as t (x, y)

select - y - x - x from (values (cast(9223372036854775807 as bigint), cast(2 as bigint))) as t (x, y)

select x / y from (values (cast(1 as bigint), cast(0 as bigint))) as t (x, y)

select x % y from (values (cast(1 as bigint), cast(0 as bigint))) as t (x, y)

select - x from (values cast(-9223372036854775808 as bigint)) as t (x)

select abs(x) from (values cast(-9223372036854775808 as bigint)) as t (x)

select x / y from (values (cast(-9223372036854775808 as bigint), cast(-1 as bigint))) as t (x, y)

select x / y, y / y, x = x, x < y, x > y, x <> x, x is distinct from x, x is distinct from y from (values (0e0 / 0, 1e0)) as t (x, y)

select x, count(*) from (values 0e0, -0e0, 0e0 / 0, 0e0 / 0, 1e0 / 0, null) as t (x) group by x order by x

select distinct x from (values 0e0 / 0, 1e0, 0e0 / 0) as t (x) order by x

select coalesce(x, cast(2 as smallint)), x = cast(2 as smallint), coalesce(x, cast(3 as integer)), x = cast(3 as integer), coalesce(x, cast(4 as bigint)), x = cast(4 as bigint), coalesce(x, cast(decimal '5.25' as decimal(10,2))), x = cast(decimal '5.25' as decimal(10,2)), coalesce(x, cast(6.5e0 as real)), x = cast(6.5e0 as real), coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(1 as tinyint)) as t (x)

select typeof(coalesce(x, cast(2 as smallint))), typeof(x + cast(2 as smallint)), typeof(coalesce(x, cast(3 as integer))), typeof(x + cast(3 as integer)), typeof(coalesce(x, cast(4 as bigint))), typeof(x + cast(4 as bigint)), typeof(coalesce(x, cast(decimal '5.25' as decimal(10,2)))), typeof(x + cast(decimal '5.25' as decimal(10,2))), typeof(coalesce(x, cast(6.5e0 as real))), typeof(x + cast(6.5e0 as real)), typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(1 as tinyint)) as t (x)

select coalesce(x, cast(3 as integer)), x = cast(3 as integer), coalesce(x, cast(4 as bigint)), x = cast(4 as bigint), coalesce(x, cast(decimal '5.25' as decimal(10,2))), x = cast(decimal '5.25' as decimal(10,2)), coalesce(x, cast(6.5e0 as real)), x = cast(6.5e0 as real), coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(2 as smallint)) as t (x)

select typeof(coalesce(x, cast(3 as integer))), typeof(x + cast(3 as integer)), typeof(coalesce(x, cast(4 as bigint))), typeof(x + cast(4 as bigint)), typeof(coalesce(x, cast(decimal '5.25' as decimal(10,2)))), typeof(x + cast(decimal '5.25' as decimal(10,2))), typeof(coalesce(x, cast(6.5e0 as real))), typeof(x + cast(6.5e0 as real)), typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(2 as smallint)) as t (x)

select coalesce(x, cast(4 as bigint)), x = cast(4 as bigint), coalesce(x, cast(decimal '5.25' as decimal(10,2))), x = cast(decimal '5.25' as decimal(10,2)), coalesce(x, cast(6.5e0 as real)), x = cast(6.5e0 as real), coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(3 as integer)) as t (x)

select typeof(coalesce(x, cast(4 as bigint))), typeof(x + cast(4 as bigint)), typeof(coalesce(x, cast(decimal '5.25' as decimal(10,2)))), typeof(x + cast(decimal '5.25' as decimal(10,2))), typeof(coalesce(x, cast(6.5e0 as real))), typeof(x + cast(6.5e0 as real)), typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(3 as integer)) as t (x)

select coalesce(x, cast(decimal '5.25' as decimal(10,2))), x = cast(decimal '5.25' as decimal(10,2)), coalesce(x, cast(6.5e0 as real)), x = cast(6.5e0 as real), coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(4 as bigint)) as t (x)

select typeof(coalesce(x, cast(decimal '5.25' as decimal(10,2)))), typeof(x + cast(decimal '5.25' as decimal(10,2))), typeof(coalesce(x, cast(6.5e0 as real))), typeof(x + cast(6.5e0 as real)), typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(4 as bigint)) as t (x)

select coalesce(x, cast(6.5e0 as real)), x = cast(6.5e0 as real), coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(decimal '5.25' as decimal(10,2))) as t (x)

select typeof(coalesce(x, cast(6.5e0 as real))), typeof(x + cast(6.5e0 as real)), typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(decimal '5.25' as decimal(10,2))) as t (x)

select coalesce(x, cast(7.5e0 as double)), x = cast(7.5e0 as double) from (values cast(6.5e0 as real)) as t (x)

select typeof(coalesce(x, cast(7.5e0 as double))), typeof(x + cast(7.5e0 as double)) from (values cast(6.5e0 as real)) as t (x)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (date '2025-11-15', timestamp '2025-11-15 10:20:30.123')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (date '2025-11-15', timestamp '2025-11-15 10:20:30.123456')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (date '2025-11-15', timestamp '2025-11-15 10:20:30.123 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (date '2025-11-15', timestamp '2025-11-15 10:20:30.123456 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123', timestamp '2025-11-15 10:20:30.123456')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123', timestamp '2025-11-15 10:20:30.123 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123', timestamp '2025-11-15 10:20:30.123456 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123456', timestamp '2025-11-15 10:20:30.123 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123456', timestamp '2025-11-15 10:20:30.123456 UTC')) as t (x, y)

select coalesce(x, y), x = y, x < y, typeof(coalesce(x, y)) from (values (timestamp '2025-11-15 10:20:30.123 UTC', timestamp '2025-11-15 10:20:30.123456 UTC')) as t (x, y)

select if(x[1] = 0, y, x), coalesce(x, y), concat(x, y), typeof(concat(x, y)) from (values (array[1, null], array[2])) as t (x, y)

select 1 as x union all select 2 order by 1

select if(x[1] = 0, y, x), coalesce(x, y), concat(x, y), typeof(concat(x, y)) from (values (array[1, null], array[2.5e0])) as t (x, y)

select 1 as x union all select 2.5e0 order by 1

select if(x[1] = 0, y, x), coalesce(x, y), concat(x, y), typeof(concat(x, y)) from (values (array[1, null], array[decimal '2.5'])) as t (x, y)

select 1 as x union all select decimal '2.5' order by 1

select coalesce(x, y), typeof(coalesce(x, y)) from (values (array[date '2025-11-15', null], array[timestamp '2025-11-15 10:20:30.123'])) as t (x, y)

select date '2025-11-15' as x union all select timestamp '2025-11-15 10:20:30.123' order by 1

select cast(x as smallint), cast(x as integer), cast(x as bigint), cast(x as real), cast(x as decimal(10,2)), cast(x as double), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(7 as tinyint), cast(-1 as tinyint), cast(null as tinyint)) as t (x) order by x

select try_cast(x as smallint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(7 as tinyint), cast(-1 as tinyint), cast(null as tinyint)) as t (x) order by x

select cast(x as tinyint), cast(x as integer), cast(x as bigint), cast(x as real), cast(x as decimal(10,2)), cast(x as double), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(7 as smallint), cast(-1 as smallint), cast(null as smallint)) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(7 as smallint), cast(-1 as smallint), cast(null as smallint)) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as bigint), cast(x as real), cast(x as decimal(10,2)), cast(x as double), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(7 as integer), cast(-1 as integer), cast(null as integer)) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as bigint), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(7 as integer), cast(-1 as integer), cast(null as integer)) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as integer), cast(x as real), cast(x as decimal(10,2)), cast(x as double), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(7 as bigint), cast(-1 as bigint), cast(null as bigint)) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as integer), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(7 as bigint), cast(-1 as bigint), cast(null as bigint)) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as integer), cast(x as bigint), cast(x as decimal(10,2)), cast(x as double), cast(x as boolean) from (values cast(7.5e0 as real), cast(-1 as real), cast(null as real)) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as boolean) from (values cast(7.5e0 as real), cast(-1 as real), cast(null as real)) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as integer), cast(x as bigint), cast(x as real), cast(x as double), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(decimal '7.50' as decimal(10,2)), cast(-1 as decimal(10,2)), cast(null as decimal(10,2))) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as real), try_cast(x as double), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(decimal '7.50' as decimal(10,2)), cast(-1 as decimal(10,2)), cast(null as decimal(10,2))) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as integer), cast(x as bigint), cast(x as real), cast(x as decimal(10,2)), cast(x as boolean), cast(x as varchar), cast(x as json) from (values cast(7.5e0 as double), cast(-1 as double), cast(null as double)) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as boolean), try_cast(x as varchar), try_cast(x as json) from (values cast(7.5e0 as double), cast(-1 as double), cast(null as double)) as t (x) order by x

select cast(x as tinyint), cast(x as smallint), cast(x as integer), cast(x as bigint), cast(x as real), cast(x as decimal(10,2)), cast(x as double), cast(x as varchar), cast(x as json) from (values true, false, null) as t (x) order by x

select cast(x as varchar), cast(x as timestamp(3)), cast(x as timestamp(6)), cast(x as timestamp(3) with time zone), cast(x as json) from (values date '2025-11-15', date '0001-01-01', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(3)), cast(x as timestamp(6)), cast(x as timestamp(0) with time zone) from (values timestamp '2025-11-15 10:20:30', timestamp '1969-12-31 23:59:59', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(0)) from (values timestamp '2025-11-15 10:20:30 UTC', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(0)), cast(x as timestamp(6)), cast(x as timestamp(3) with time zone) from (values timestamp '2025-11-15 10:20:30.126', timestamp '1969-12-31 23:59:59.126', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(3)) from (values timestamp '2025-11-15 10:20:30.126 UTC', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(0)), cast(x as timestamp(3)), cast(x as timestamp(6) with time zone) from (values timestamp '2025-11-15 10:20:30.126567', timestamp '1969-12-31 23:59:59.126567', null) as t (x) order by x

select cast(x as date), cast(x as varchar), cast(x as timestamp(6)) from (values timestamp '2025-11-15 10:20:30.126567 UTC', null) as t (x) order by x

select try_cast(x as tinyint), try_cast(x as smallint), try_cast(x as integer), try_cast(x as bigint), try_cast(x as real), try_cast(x as decimal(10,2)), try_cast(x as double), try_cast(x as varchar), try_cast(x as json) from (values true, false, null) as t (x) order by x

select try_cast(x as varchar), try_cast(x as timestamp(3)), try_cast(x as timestamp(6)), try_cast(x as timestamp(3) with time zone), try_cast(x as json) from (values date '2025-11-15', date '0001-01-01', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(3)), try_cast(x as timestamp(6)), try_cast(x as timestamp(0) with time zone) from (values timestamp '2025-11-15 10:20:30', timestamp '1969-12-31 23:59:59', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(0)) from (values timestamp '2025-11-15 10:20:30 UTC', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(0)), try_cast(x as timestamp(6)), try_cast(x as timestamp(3) with time zone) from (values timestamp '2025-11-15 10:20:30.126', timestamp '1969-12-31 23:59:59.126', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(3)) from (values timestamp '2025-11-15 10:20:30.126 UTC', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(0)), try_cast(x as timestamp(3)), try_cast(x as timestamp(6) with time zone) from (values timestamp '2025-11-15 10:20:30.126567', timestamp '1969-12-31 23:59:59.126567', null) as t (x) order by x

select try_cast(x as date), try_cast(x as varchar), try_cast(x as timestamp(6)) from (values timestamp '2025-11-15 10:20:30.126567 UTC', null) as t (x) order by x

select cast(x as tinyint) from (values ' 12 ', null) as t (x) order by x

select try_cast(x as tinyint) from (values ' 12 ', '128', '', null) as t (x) order by x

select cast(x as smallint) from (values '+12', null) as t (x) order by x

select try_cast(x as smallint) from (values '+12', '32768', '', null) as t (x) order by x

select cast(x as integer) from (values '-12', null) as t (x) order by x

select try_cast(x as integer) from (values '-12', '1.5', '', null) as t (x) order by x

select cast(x as bigint) from (values '007', null) as t (x) order by x

select try_cast(x as bigint) from (values '007', '9223372036854775808', '', null) as t (x) order by x

select cast(x as double) from (values '1e5', null) as t (x) order by x

select try_cast(x as double) from (values '1e5', 'abc', '', null) as t (x) order by x

select cast(x as decimal(10,2)) from (values '1.555', null) as t (x) order by x

select try_cast(x as decimal(10,2)) from (values '1.555', 'x', '', null) as t (x) order by x

select cast(x as boolean) from (values 'T', null) as t (x) order by x

select try_cast(x as boolean) from (values 'T', 'yes', '', null) as t (x) order by x

select cast(x as date) from (values '2025-1-5', null) as t (x) order by x

select try_cast(x as date) from (values '2025-1-5', '2025-02-29', '', null) as t (x) order by x

select cast(x as timestamp(3)) from (values '2025-11-15 10:20', null) as t (x) order by x

select try_cast(x as timestamp(3)) from (values '2025-11-15 10:20', '2025-11-15T10:20:30', '', null) as t (x) order by x

select cast(x as timestamp(6)) from (values '2025-11-15 10:20:30.123456', null) as t (x) order by x

select try_cast(x as timestamp(6)) from (values '2025-11-15 10:20:30.123456', 'abc', '', null) as t (x) order by x

select cast(x as timestamp(0)) from (values '2025-11-15 10:20:30', null) as t (x) order by x

select try_cast(x as timestamp(0)) from (values '2025-11-15 10:20:30', '2025-11-15 25:00:00', '', null) as t (x) order by x

select cast(x as varchar(2)) from (values 'éab', null) as t (x) order by x

select try_cast(x as varchar(2)) from (values 'éab', '', '', null) as t (x) order by x

select cast(x as varbinary) from (values 'é', null) as t (x) order by x

select try_cast(x as varbinary) from (values 'é', '', '', null) as t (x) order by x

select cast(x as json) from (values 'a"b', null) as t (x) order by x

select try_cast(x as json) from (values 'a"b', '', '', null) as t (x) order by x

select date_add('day', 1, x), date_add('day', bigint '-13', x), date_add('week', 1, x), date_add('week', bigint '-13', x), date_add('month', 1, x), date_add('month', bigint '-13', x), date_add('quarter', 1, x), date_add('quarter', bigint '-13', x), date_add('year', 1, x), date_add('year', bigint '-13', x) from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select date_trunc('day', x), date_trunc('week', x), date_trunc('month', x), date_trunc('quarter', x), date_trunc('year', x) from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select date_diff('day', x, y), date_diff('week', x, y), date_diff('month', x, y), date_diff('quarter', x, y), date_diff('year', x, y) from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select x + interval '1' day, x - interval '13' day, x + interval '1' month, x - interval '13' month, x + interval '1' year, x - interval '13' year from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select year(x), extract(year from x), quarter(x), extract(quarter from x), month(x), extract(month from x), week(x), extract(week from x), day(x), extract(day from x) from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select date_format(x, '%Y'), date_format(x, '%m'), date_format(x, '%d'), date_format(x, '%H'), date_format(x, '%i'), date_format(x, '%s'), date_format(x, '%S'), date_format(x, '%f'), date_format(x, '%M'), date_format(x, '%T'), date_format(x, '%b'), date_format(x, '%a'), date_format(x, '%W'), date_format(x, '%j'), date_format(x, '%y'), date_format(x, '%p'), date_format(x, '%h'), date_format(x, '%%') from (values (date '2024-02-29', date '2025-03-31'), (date '2025-03-31', date '2024-02-29'), (cast(null as date), date '2024-02-29')) as t (x, y) order by x

select date_add('millisecond', 1, x), date_add('millisecond', bigint '-13', x), date_add('second', 1, x), date_add('second', bigint '-13', x), date_add('minute', 1, x), date_add('minute', bigint '-13', x), date_add('hour', 1, x), date_add('hour', bigint '-13', x), date_add('day', 1, x), date_add('day', bigint '-13', x), date_add('week', 1, x), date_add('week', bigint '-13', x), date_add('month', 1, x), date_add('month', bigint '-13', x), date_add('quarter', 1, x), date_add('quarter', bigint '-13', x), date_add('year', 1, x), date_add('year', bigint '-13', x) from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select date_trunc('second', x), date_trunc('minute', x), date_trunc('hour', x), date_trunc('day', x), date_trunc('week', x), date_trunc('month', x), date_trunc('quarter', x), date_trunc('year', x) from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select date_diff('millisecond', x, y), date_diff('second', x, y), date_diff('minute', x, y), date_diff('hour', x, y), date_diff('day', x, y), date_diff('week', x, y), date_diff('month', x, y), date_diff('quarter', x, y), date_diff('year', x, y) from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select x + interval '1' second, x - interval '13' second, x + interval '1' minute, x - interval '13' minute, x + interval '1' hour, x - interval '13' hour, x + interval '1' day, x - interval '13' day, x + interval '1' month, x - interval '13' month, x + interval '1' year, x - interval '13' year from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select year(x), extract(year from x), quarter(x), extract(quarter from x), month(x), extract(month from x), week(x), extract(week from x), day(x), extract(day from x), hour(x), extract(hour from x), minute(x), extract(minute from x), second(x), extract(second from x) from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select date_format(x, '%Y'), date_format(x, '%m'), date_format(x, '%d'), date_format(x, '%H'), date_format(x, '%i'), date_format(x, '%s'), date_format(x, '%S'), date_format(x, '%f'), date_format(x, '%M'), date_format(x, '%T'), date_format(x, '%b'), date_format(x, '%a'), date_format(x, '%W'), date_format(x, '%j'), date_format(x, '%y'), date_format(x, '%p'), date_format(x, '%h'), date_format(x, '%%') from (values (timestamp '2024-02-29 23:59:59.999', timestamp '2025-03-31 22:59:59.999'), (timestamp '2025-03-31 22:59:59.999', timestamp '2024-02-29 23:59:59.999'), (cast(null as timestamp(3)), timestamp '2024-02-29 23:59:59.999')) as t (x, y) order by x

select date_add('millisecond', 1, x), date_add('millisecond', bigint '-13', x), date_add('second', 1, x), date_add('second', bigint '-13', x), date_add('minute', 1, x), date_add('minute', bigint '-13', x), date_add('hour', 1, x), date_add('hour', bigint '-13', x), date_add('day', 1, x), date_add('day', bigint '-13', x), date_add('week', 1, x), date_add('week', bigint '-13', x), date_add('month', 1, x), date_add('month', bigint '-13', x), date_add('quarter', 1, x), date_add('quarter', bigint '-13', x), date_add('year', 1, x), date_add('year', bigint '-13', x) from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select date_trunc('second', x), date_trunc('minute', x), date_trunc('hour', x), date_trunc('day', x), date_trunc('week', x), date_trunc('month', x), date_trunc('quarter', x), date_trunc('year', x) from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select date_diff('millisecond', x, y), date_diff('second', x, y), date_diff('minute', x, y), date_diff('hour', x, y), date_diff('day', x, y), date_diff('week', x, y), date_diff('month', x, y), date_diff('quarter', x, y), date_diff('year', x, y) from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select x + interval '1' second, x - interval '13' second, x + interval '1' minute, x - interval '13' minute, x + interval '1' hour, x - interval '13' hour, x + interval '1' day, x - interval '13' day, x + interval '1' month, x - interval '13' month, x + interval '1' year, x - interval '13' year from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select year(x), extract(year from x), quarter(x), extract(quarter from x), month(x), extract(month from x), week(x), extract(week from x), day(x), extract(day from x), hour(x), extract(hour from x), minute(x), extract(minute from x), second(x), extract(second from x) from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select date_format(x, '%Y'), date_format(x, '%m'), date_format(x, '%d'), date_format(x, '%H'), date_format(x, '%i'), date_format(x, '%s'), date_format(x, '%S'), date_format(x, '%f'), date_format(x, '%M'), date_format(x, '%T'), date_format(x, '%b'), date_format(x, '%a'), date_format(x, '%W'), date_format(x, '%j'), date_format(x, '%y'), date_format(x, '%p'), date_format(x, '%h'), date_format(x, '%%') from (values (timestamp '2024-02-29 23:59:59.999999', timestamp '2025-03-31 22:59:59.999999'), (timestamp '2025-03-31 22:59:59.999999', timestamp '2024-02-29 23:59:59.999999'), (cast(null as timestamp(6)), timestamp '2024-02-29 23:59:59.999999')) as t (x, y) order by x

select date_add('millisecond', 1, x), date_add('millisecond', bigint '-13', x), date_add('second', 1, x), date_add('second', bigint '-13', x), date_add('minute', 1, x), date_add('minute', bigint '-13', x), date_add('hour', 1, x), date_add('hour', bigint '-13', x), date_add('day', 1, x), date_add('day', bigint '-13', x), date_add('week', 1, x), date_add('week', bigint '-13', x), date_add('month', 1, x), date_add('month', bigint '-13', x), date_add('quarter', 1, x), date_add('quarter', bigint '-13', x), date_add('year', 1, x), date_add('year', bigint '-13', x) from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select date_trunc('second', x), date_trunc('minute', x), date_trunc('hour', x), date_trunc('day', x), date_trunc('week', x), date_trunc('month', x), date_trunc('quarter', x), date_trunc('year', x) from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select date_diff('millisecond', x, y), date_diff('second', x, y), date_diff('minute', x, y), date_diff('hour', x, y), date_diff('day', x, y), date_diff('week', x, y) from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select date_diff('month', x, y), date_diff('quarter', x, y), date_diff('year', x, y) from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select x + interval '1' second, x - interval '13' second, x + interval '1' minute, x - interval '13' minute, x + interval '1' hour, x - interval '13' hour, x + interval '1' day, x - interval '13' day, x + interval '1' month, x - interval '13' month, x + interval '1' year, x - interval '13' year from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select year(x), extract(year from x), quarter(x), extract(quarter from x), month(x), extract(month from x), week(x), extract(week from x), day(x), extract(day from x), hour(x), extract(hour from x), minute(x), extract(minute from x), second(x), extract(second from x) from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select date_format(x, '%Y'), date_format(x, '%m'), date_format(x, '%d'), date_format(x, '%H'), date_format(x, '%i'), date_format(x, '%s'), date_format(x, '%S'), date_format(x, '%f'), date_format(x, '%M'), date_format(x, '%T'), date_format(x, '%b'), date_format(x, '%a'), date_format(x, '%W'), date_format(x, '%j'), date_format(x, '%y'), date_format(x, '%p'), date_format(x, '%h'), date_format(x, '%%') from (values (timestamp '2024-02-29 23:59:59.999 UTC', timestamp '2025-03-31 22:59:59.999 UTC'), (timestamp '2025-03-31 22:59:59.999 UTC', timestamp '2024-02-29 23:59:59.999 UTC'), (cast(null as timestamp(3) with time zone), timestamp '2024-02-29 23:59:59.999 UTC')) as t (x, y) order by x

select date_parse(x, '%Y-%m-%d') from (values '2025-01-05', null) as t (x)

select date_parse(x, '%Y-%m-%d %H:%i:%s') from (values '2025-01-05 10:20:30', null) as t (x)

select date_parse(x, '%Y-%m-%d %T') from (values '2025-01-05 10:20:30', null) as t (x)

select date_parse(x, '%T') from (values '10:20:30', null) as t (x)

select date_parse(x, '%d/%b/%y') from (values '05/Jan/25', null) as t (x)

select date_parse(x, '%Y-%m-%d %h %p') from (values '2025-01-05 10 PM', null) as t (x)

select date_parse(x, '%Y-%m-%d %h %p') from (values '2025-01-05 12 AM', null) as t (x)

select date_parse(x, '%M %d %Y') from (values 'January 5 2025', null) as t (x)

select date_parse(x, '%Y-%m-%d %H:%i:%S.%f') from (values '2025-01-05 10:20:30.123', null) as t (x)

select date_parse(x, '%a %d %b %Y') from (values 'Sun 5 Jan 2025', null) as t (x)

select date_parse(x, '%W %d %m %Y') from (values 'Sunday 05 01 2025', null) as t (x)

select date_parse(x, '%Y %j') from (values '2025 032', null) as t (x)

select date_parse(x, '%y0%%') from (values '100%', null) as t (x)
