1 = 1
1 = 2
1 = null
null = null
1 = decimal '1.0'
1 = 1e0
decimal '1.10' = decimal '1.1'
'a' = 'a '
'a' = 'A'
'a' < 'b'
'Z' < 'a'
'é' > 'z'
'😀' > 'é'
'' < 'a'
1 <> 2
1 != 2
null <> 1
1 = '1'
'1' = 1
1 = 'a'
date '2025-01-01' = '2025-01-01'
'2025-01-01' = date '2025-01-01'
'2025-01-01' < date '2025-01-02'
date '2025-01-01' in ('2025-01-01')
date '2025-01-01' between '2025-01-01' and '2025-02-01'
timestamp '2025-01-01 00:00:00' = '2025-01-01'
date '2025-01-01' = timestamp '2025-01-01 00:00:00'
date '2025-01-01' < timestamp '2025-01-01 00:00:01'
timestamp '2025-01-01 00:00:00' = timestamp '2025-01-01 00:00:00.000'
timestamp '2025-01-01 00:00:00 UTC' = timestamp '2025-01-01 01:00:00 +01:00'
true = 'true'
true = 1
true > false
X'00' < X'01'
X'61' = 'a'
array[1, 2] = array[1, 2]
array[1, null] = array[1, 2]
array[1, null] = array[2, null]
array[1, 2] < array[1, 3]
map(array['a'], array[1]) = map(array['a'], array[1])
row(1, 'a') = row(1, 'a')
row(1, null) = row(1, 'a')
row(1, null) = row(2, 'a')
(1, 'a') = (1, 'a')
(1, 2) in ((1, 2), (3, 4))
json_parse('{"a":1,"b":2}') = json_parse('{"b":2,"a":1}')
json_parse('1') = json_parse('1.0')
json_parse('1') < json_parse('2')
1 is null
null is null
null is not null
1 is distinct from 1
1 is distinct from null
null is distinct from null
null is not distinct from null
1 is not distinct from 1
'a' is distinct from 1
1 between 1 and 2
3 between 1 and 2
2 between 3 and 1
null between 1 and 2
2 between null and 1
2 not between 1 and 2
'b' between 'a' and 'c'
1 in (1, 2)
3 in (1, 2)
3 in (1, null)
1 in (1, null)
null in (1, 2)
3 not in (1, null)
3 not in (1, 2)
1 in (1, decimal '1.0')
1 in ('1')
'a' in ('a', 'b')
date '2025-01-01' in (date '2025-01-01', date '2025-01-02')
true and null
false and null
null and null
true or null
false or null
not null
not true
not 1
1 and true
'a' and true
true and true or false and false
1 = 1 and 2 = 3 or 4 = 4
'abc' like 'a%'
'abc' like 'a_c'
'abc' like 'A%'
'abc' like 'abc '
'a%c' like 'a\%c'
'a%c' like 'a\%c' escape '\'
'a_c' like 'a#_c' escape '#'
'abc' like null
null like 'a'
'' like ''
'' like '%'
'a.c' like 'a.c'
'abc' like 'a.c'
'aüc' like 'a_c'
'a😀c' like 'a_c'
'a' || chr(10) || 'b' like 'a%b'
'abc' not like 'a%'
'abc' like 'a#' escape '#'
'abc' like 'a%' escape ''
1 like 'a'
case when true then 1 else 2 end
case when null then 1 else 2 end
case when false then 1 end
case 1 when 1 then 'a' when 2 then 'b' end
case null when null then 'a' else 'b' end
case 3 when 1 then 'a' else 'bcd' end
case when true then 1 else 'a' end
case when true then 1 else decimal '2.5' end
case when true then null else date '2025-01-01' end
case when true then 1 else 1 / 0 end
case when 1 then 1 end
case 'a' when 1 then 1 end
if(true, 1, 2)
if(false, 1)
if(null, 1, 2)
if(true, 1, 'a')
coalesce(null, 1)
coalesce(null, null)
coalesce(1, 1 / 0)
coalesce(1, 'a')
coalesce(null, decimal '2.5', 1)
coalesce('', 'a')
coalesce(date '2025-01-01', '2025-01-01')
nullif(1, 1)
nullif(1, 2)
nullif('', '')
nullif(null, 1)
nullif(1, null)
nullif(1, 'a')
nullif(1, decimal '1.0')
try(1 / 0)
try(cast('abc' as integer))
try(date '2025-02-29')
try(json_parse('{'))
try(json_extract('{', '$.a'))
try(array[1, 2][5])
try(from_iso8601_date('2025-02-30'))
try(2147483647 + 1)
try(1)
try(null)
try(sha256('a'))
exists (select 1)
exists (select 1 where false)
(select 1)
(select 1 where false)
(select x from (values 1, 2) as t (x))
1 in (select x from (values 1, 2) as t (x))
3 in (select x from (values 1, null) as t (x))
3 not in (select x from (values 1, null) as t (x))
1 = any (select x from (values 1, 2) as t (x))
2 > all (select x from (values 1, 2) as t (x))
null in (null)
null in (null, null)
null not in (null)
null in (null, 1)
1 in (null)
'a' not in (null, null)
date '2024-02-29' in (null)
case when (null in (null) and (1 <> 1)) then true else false end
null = null
null <> null
null < null
null between null and null
coalesce(null <> null, true)
coalesce(null < null, true)
coalesce(null between null and null, true)
(1, 'a') = (1, 'b')
(1, null) = (2, 'a')
(1, null) = (1, 'a')
(1, 2) <> (1, 3)
(1, 2) <> (1, null)
(1, 2) = (1, 2, 3)
(1, 2) = (1, 'a')
(1, 2) in ((3, 4), (1, 2))
(1, 2) in ((3, 4))
(1, null) in ((1, 2))
(1, 2) not in ((1, 3), (2, 2))
(1, 2) < (1, 3)
row(1, row(2, 3)) = row(1, row(2, 3))
(1, 1.5e0) = (1e0, 1)
2 > any (select x from (values 1, 2) as t (x))
1 <> all (select x from (values 1, 2) as t (x))
3 > all (select x from (values 1, 2) as t (x))
1 = some (select x from (values 2, null) as t (x))
5 < all (select x from (values 1) as t (x) where x > 1)
5 = any (select x from (values 1) as t (x) where x > 1)
